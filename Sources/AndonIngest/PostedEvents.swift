package import AndonStore
import Synchronization

/// One payload that came over HTTP and waits for the ingest loop; it is answered exactly once.
package final class PostedEvents: Sendable {
  package enum Answer: Sendable {
    /// Committed; one outcome per event, in order.
    case committed([ItemOutcome])
    /// Not committed, or not known to be: sending the same events again is harmless.
    case failed(String)
    /// The queue of the ingest loop is full.
    case full
  }

  package let cameraID: String
  package let payload: [UInt8]
  private let waiting = Mutex<(@Sendable (Answer) -> Void)?>(nil)

  package init(cameraID: String, payload: [UInt8]) {
    self.cameraID = cameraID
    self.payload = payload
  }

  /// Only the first answer counts.
  package func answer(_ answer: Answer) {
    let take = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    take?(answer)
  }

  /// Queues the payload. `take` gets the answer once, on the thread that gives it.
  package func post(to httpQueue: HTTPIngestQueue, _ take: @escaping @Sendable (Answer) -> Void) {
    waiting.withLock { $0 = take }
    if !httpQueue.post(self) { answer(.full) }
  }

  /// Queues the payload and waits for its answer, at most for `timeout`.
  package func post(to httpQueue: HTTPIngestQueue, timeout: Duration) async -> Answer {
    let timer = Task {
      try await Task.sleep(for: timeout)
      answer(.failed("the site did not commit it within \(timeout.components.seconds) s"))
    }
    defer { timer.cancel() }
    return await withCheckedContinuation { continuation in
      post(to: httpQueue) { continuation.resume(returning: $0) }
    }
  }
}
