import AndonStore
import Synchronization

/// What this process knows of the site's session at the broker beyond what the file says, which cannot be written
/// while the disk is full. Kept over all connections of one ingest loop and used by its thread only.
///
/// A class of its own: mutexes inside the ingest loop make the optimizer of Swift 6.3.1 crash over the loop's
/// throwing initializer. `ClockMonitor` and `SiteStatusReporter` are classes for the same reason.
final class SessionMemory: Sendable {
  private enum Knowledge {
    /// As the file says: where it says "connecting", an earlier CONNECT may have made a session that no answer told of.
    case asTheFileSays
    /// Every CONNECT was answered, and what the answers said is in the file.
    case sure
    /// The broker had forgotten the session; that is not in the file yet.
    case lost
  }

  private let knowledge = Mutex(Knowledge.asTheFileSays)

  /// Why a session that is present may be a new one all the same; nil when it cannot be.
  ///
  /// - Parameter isMarked: the file says that an earlier CONNECT is without an answer.
  func doubt(isMarked: Bool) -> GapRow.Cause? {
    switch knowledge.withLock({ $0 }) {
    case .lost: .sessionLost
    case .asTheFileSays: isMarked ? .sessionDoubtful : nil
    case .sure: nil
    }
  }

  /// CONNECT is on its way: until its answer is recorded, the mark in the file stands.
  func recordConnect() { knowledge.withLock { if $0 == .sure { $0 = .asTheFileSays } } }

  /// CONNACK says that the broker has no session of ours.
  func recordLoss() { knowledge.withLock { $0 = .lost } }

  /// What CONNACK said is in the file.
  func recordAnswer() { knowledge.withLock { $0 = .sure } }
}
