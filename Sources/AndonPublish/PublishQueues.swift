import AndonStatus
import Synchronization

/// The publish queues of a bridge as one, for status and metrics: its own, and in a fleet one a site.
package final class PublishQueues: PublishQueueStatus {
  private let queues: Mutex<[PublishQueue]>

  package init(_ first: PublishQueue) { queues = Mutex([first]) }

  package func add(_ queue: PublishQueue) { queues.withLock { $0.append(queue) } }

  package func remove(_ queue: PublishQueue) { queues.withLock { $0.removeAll { $0 === queue } } }

  private var all: [PublishQueue] { queues.withLock { $0 } }

  package var depth: Int { all.reduce(0) { $0 + $1.depth } }
  package var refusedCount: Int64 { all.reduce(0) { $0 + $1.refusedCount } }
  package var droppedNotices: Int64 { all.reduce(0) { $0 + $1.droppedNotices } }

  package func refusalWords(nowMs: Int64) -> String? {
    all.lazy.compactMap { $0.refusalWords(nowMs: nowMs) }.first
  }
}
