package import Mosquitto
import Synchronization

/// The queue from HTTP to a site's ingest loop. Bounded: what does not fit is refused at once, so that the
/// sender waits.
package final class HTTPIngestQueue: Sendable {
  private struct State {
    var waiting: [PostedEvents] = []
    var bytes = 0
    var isClosed = false
  }

  package static let requestLimit = 64
  package static let byteLimit = 8 << 20

  private let state = Mutex(State())
  private let wakeup: Wakeup

  package init(wakeup: Wakeup) { self.wakeup = wakeup }

  package var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }
  package var count: Int { state.withLock { $0.waiting.count } }

  /// Returns false when the queue is full or closed.
  package func post(_ posted: PostedEvents) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isClosed, state.waiting.count < Self.requestLimit,
        state.bytes + posted.payload.count <= Self.byteLimit
      else { return false }
      state.waiting.append(posted)
      state.bytes += posted.payload.count
      return true
    }
    if isTaken { wakeup.signal() }
    return isTaken
  }

  /// Removes and returns everything in the queue.
  package func dequeue() -> [PostedEvents] {
    state.withLock { state in
      defer {
        state.waiting.removeAll(keepingCapacity: true)
        state.bytes = 0
      }
      return state.waiting
    }
  }

  /// Closes the queue when the ingest loop ends: waiting requests are answered, new ones are refused.
  package func close() {
    state.withLock { $0.isClosed = true }
    for posted in dequeue() { posted.answer(.failed("the bridge is stopping")) }
  }
}
