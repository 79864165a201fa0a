/// A stretch of time of which something may be missing (or of which the clock cannot be trusted), and why.
package struct GapRow: Sendable, Hashable {
  /// What opened the gap. The raw value stands in the store and on `/status`.
  package enum Cause: String, Sendable, CaseIterable {
    /// The broker had forgotten the session: what came meanwhile it kept for nobody.
    case sessionLost = "session_lost"
    /// A CONNECT had no answer, so the session that the broker has may be a new one. Perhaps nothing is missing.
    case sessionDoubtful = "session_doubtful"
    /// The broker granted less than the subscription to events asks for.
    case subscriptionRefused = "subscription_refused"
    /// The camera sends with QoS 0, and the site had no connection: no broker keeps such messages.
    case atMostOnce = "at_most_once"
    /// The broker dropped messages because a queue was full.
    case queueOverflow = "queue_overflow"
    /// The file is older than what was committed: a backup was restored, or its write-ahead log is gone.
    case storeRestored = "store_restored"
    /// The bridge's clock jumped. Events carry the camera's time, so nothing is missing.
    case clockStep = "clock_step"

    /// Events came that a clock in doubt would have refused by their time: they wait in the quarantine.
    case bridgeClock = "bridge_clock"

    /// Whether events of that time may be missing, which is what `coverage_pct` has to tell.
    package var mayMissEvents: Bool { self != .clockStep }

    /// Whether somebody is called (alert `data_gap`): not for a doubt, and not for a camera that is set up wrongly,
    /// which is shown as long as it is.
    package var callsSomebody: Bool {
      switch self {
      case .sessionLost, .subscriptionRefused, .queueOverflow, .storeRestored, .bridgeClock: true
      case .sessionDoubtful, .atMostOnce, .clockStep: false
      }
    }
  }

  package var cause: Cause
  /// The one camera that it concerns; empty for the whole site.
  package var cameraID: String
  /// Half-open, epoch milliseconds of the bridge's clock; `fromMs <= toMs`.
  package var fromMs: Int64
  package var toMs: Int64
  package var notedAtMs: Int64
  /// What is known, in words.
  package var detail: String

  package init(
    cause: Cause, cameraID: String = "", fromMs: Int64, toMs: Int64, notedAtMs: Int64, detail: String
  ) {
    self.cause = cause
    self.cameraID = cameraID
    self.fromMs = min(fromMs, toMs)
    self.toMs = max(fromMs, toMs)
    self.notedAtMs = notedAtMs
    self.detail = detail
  }
}
