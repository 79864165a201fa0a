import Synchronization

/// Ranges of time whose summaries must be recomputed from the events, for the maintenance service.
package final class RecomputeQueue: Sendable {
  /// More ranges are dropped; a later request is accepted again.
  private static let limit = 64
  private let waiting = Mutex<[Range<Int64>]>([])

  package init() {}

  package func add(fromMs: Int64, toMs: Int64) {
    guard fromMs < toMs else { return }
    waiting.withLock { waiting in
      if waiting.count < Self.limit { waiting.append(fromMs..<toMs) }
    }
  }

  package func dequeue() -> [Range<Int64>] {
    waiting.withLock { waiting in
      defer { waiting.removeAll() }
      return waiting
    }
  }

  package var isEmpty: Bool { waiting.withLock(\.isEmpty) }
}
