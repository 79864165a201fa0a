import Synchronization

/// One reader of the stream: a queue of chunks between the hub and its connection, bounded in chunks and bytes.
package final class StreamClient: Sendable {
  let filter: StreamFilter
  let chunks: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private struct State {
    var isTooSlow = false
    var bytes = 0
  }
  private let state = Mutex(State())
  /// Chunks that wait at most: about ten seconds of a busy plant.
  static let queueLimit = 50
  /// Bytes that wait at most.
  static let byteLimit = 2 << 20

  init(filter: StreamFilter) {
    self.filter = filter
    (chunks, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
  }

  /// It did not keep up and is told so.
  var isTooSlow: Bool { state.withLock { $0.isTooSlow } }

  /// Bytes that wait for the reader.
  var waitingBytes: Int { state.withLock { $0.bytes } }

  /// Returns whether the client is to be kept.
  func offer(_ chunk: [UInt8]) -> Bool {
    let hasRoom = state.withLock { state in
      // What is larger than the limit by itself goes to a reader who has taken all before it.
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

  /// The reader's connection took a chunk.
  func took(_ chunk: [UInt8]) { state.withLock { $0.bytes -= chunk.count } }

  func finish() { continuation.finish() }
}
