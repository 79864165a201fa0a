import Synchronization

/// One reader of the stream: a bounded queue of chunks between the hub and its connection.
final class StreamClient: Sendable {
  let filter: StreamFilter
  let chunks: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private let lost = Mutex(false)
  /// Chunks that wait at most: about ten seconds of a busy plant.
  static let queueLimit = 50

  init(filter: StreamFilter) {
    self.filter = filter
    (chunks, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
  }

  /// It did not keep up and is told so.
  var isTooSlow: Bool { lost.withLock { $0 } }

  /// Returns whether the client is to be kept.
  func offer(_ chunk: [UInt8]) -> Bool {
    switch continuation.yield(chunk) {
    case .enqueued: return true
    case .dropped:
      lost.withLock { $0 = true }
      continuation.finish()
      return false
    default: return false
    }
  }

  func finish() { continuation.finish() }
}
