/// A stretch of time in which events may be missing (or the clock was wrong), and why.
package struct GapRow: Sendable, Hashable {
  /// The cause of the gap. The raw value is used in the store and in `/status`.
  package enum Cause: String, Sendable, CaseIterable {
    /// The broker had discarded the session, so it did not keep messages meanwhile.
    case sessionLost = "session_lost"
    /// A CONNECT was not answered, so the broker's session may be a new one. Perhaps nothing is missing.
    case sessionDoubtful = "session_doubtful"
    /// The broker granted less than the subscription to events asks for.
    case subscriptionRefused = "subscription_refused"
    /// The camera sends with QoS 0 and the site was not connected: no broker keeps such messages.
    case atMostOnce = "at_most_once"
    /// Numbers of the camera's count did not arrive.
    case sequence
    /// The broker dropped messages because a queue was full.
    case queueOverflow = "queue_overflow"
    /// The broker restarted while the site was not connected: its count of dropped messages starts again. Perhaps
    /// nothing is missing.
    case dropsUnknown = "drops_unknown"
    /// The file is older than the last commit: a backup was restored, or the write-ahead log is missing.
    case storeRestored = "store_restored"
    /// The bridge's clock stepped. Events carry the camera's time, so none is missing.
    case clockStep = "clock_step"

    /// Events arrived whose times the bridge could not judge with its doubtful clock; they are in the
    /// quarantine.
    case bridgeClock = "bridge_clock"

    /// Retention deleted events, or damage took them, before the central history had them. The site has missed none.
    case centralLost = "central_lost"

    /// Whether events may be missing, which `coverage_pct` must reflect.
    package var mayMissEvents: Bool { self != .clockStep && self != .centralLost }

    /// Whether the gap raises a `data_gap` alarm. A doubt does not, nor does a camera that sends with
    /// QoS 0: that is a matter of its settings and shown as long as it lasts. Missing numbers have an alarm of
    /// the camera's own.
    package var callsSomebody: Bool {
      switch self {
      case .sessionLost, .subscriptionRefused, .queueOverflow, .storeRestored, .bridgeClock: true
      case .sessionDoubtful, .dropsUnknown, .atMostOnce, .clockStep, .sequence, .centralLost: false
      }
    }
  }

  package var cause: Cause
  /// The camera concerned; empty for the whole site.
  package var cameraID: String
  /// Half-open, epoch milliseconds of the bridge's clock; `fromMs <= toMs`.
  package var fromMs: Int64
  package var toMs: Int64
  package var notedAtMs: Int64
  /// What is known about the gap, as text.
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
