package import Mosquitto
import Synchronization

/// Where HTTP buckets events for a site's ingestLoop. Bounded: what does not fit is refused at once, so that the
/// sender waits and not our memory.
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

  /// False when there is no room, or the ingestLoop is gone.
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

  /// Takes everything that waits.
  package func take() -> [PostedEvents] {
    state.withLock { state in
      defer {
        state.waiting.removeAll(keepingCapacity: true)
        state.bytes = 0
      }
      return state.waiting
    }
  }

  /// The ingestLoop ends: nothing is taken in any more, and what waits is told.
  package func close() {
    state.withLock { $0.isClosed = true }
    for posted in take() { posted.answer(.failed("the bridge is stopping")) }
  }
}
