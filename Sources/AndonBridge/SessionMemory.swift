import AndonStore
import Synchronization

/// What this process knows of the site's session beyond what is in the file: while the disk is full the file
/// cannot be written. Kept over reconnects; only the ingest thread uses it.
///
/// A class of its own instead of a mutex in the ingest loop: with mutexes in a class whose initializer
/// throws, the optimizer of Swift 6.3.1 crashes. `ClockMonitor` and `SiteStatusReporter` hold theirs
/// likewise.
final class SessionMemory: Sendable {
  private enum Knowledge {
    /// As the file says. If it says "connecting", an earlier CONNECT may have created a session unnoticed.
    case asTheFileSays
    /// Every CONNECT was answered, and the answers are in the file.
    case sure
    /// The broker had discarded the session; the file does not say so yet.
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
