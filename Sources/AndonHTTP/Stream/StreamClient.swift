import Synchronization

/// One client of the stream: a queue of chunks between broadcaster and connection, bounded in chunks and
/// bytes.
package final class StreamClient: Sendable {
  let filter: StreamFilter
  /// Whether the client may still have the stream.
  let isStillValid: @Sendable () -> Bool
  let chunks: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private struct State {
    var isTooSlow = false
    var bytes = 0
  }
  private let state = Mutex(State())
  /// The most waiting chunks: about ten seconds of a busy plant.
  static let queueLimit = 50
  /// The most waiting bytes.
  static let byteLimit = 2 << 20

  init(filter: StreamFilter, isStillValid: @escaping @Sendable () -> Bool = { true }) {
    self.filter = filter
    self.isStillValid = isStillValid
    (chunks, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
  }

  /// Whether it did not keep up; it is told so.
  var isTooSlow: Bool { state.withLock { $0.isTooSlow } }

  /// Bytes that wait for the client.
  var waitingBytes: Int { state.withLock { $0.bytes } }

  /// Queues a chunk; returns whether to keep the client.
  func offer(_ chunk: [UInt8]) -> Bool {
    let hasRoom = state.withLock { state in
      // A chunk above the limit is only queued for a client that has read everything before.
      guard state.bytes == 0 || state.bytes + chunk.count <= Self.byteLimit else { return false }
      state.bytes += chunk.count
      return true
    }
    switch hasRoom ? continuation.yield(chunk) : .dropped(chunk) {
    case .enqueued: return true
    case .dropped:
      state.withLock { $0.isTooSlow = true }
      continuation.finish()
      return false
    default: return false
    }
  }

  /// The client's connection wrote a chunk.
  func took(_ chunk: [UInt8]) { state.withLock { $0.bytes -= chunk.count } }

  func finish() { continuation.finish() }
}
