package import AndonCore

/// What the events of one batch say about the bridge's clock, by camera; the last one counts.
package struct ClockEvidence: Sendable {
  package enum Word: Sendable {
    case agrees
    /// Refused because of its time, as `too_old` or `too_future`.
    case contradicts(RejectionCode)
  }

  package private(set) var words: [String: Word] = [:]
  /// The range of times of events that were quarantined as `bridge_clock`; nil without any.
  package private(set) var unjudged: ClosedRange<Int64>?
  /// Events later than this are wrong by any clock.
  private static let latestPlausibleMs: Int64 = 4_102_444_800_000  // 2100-01-01

  package init() {}

  /// Records an accepted event. One whose time is the clock's own (a mapping's `receipt`) says nothing.
  package mutating func note(taken timestampMs: Int64, camera: String, nowMs: Int64) {
    if timestampMs != nowMs, abs(nowMs - timestampMs) <= ClockTrust.agreementMs { words[camera] = .agrees }
  }

  /// The rejection to use while the clock is in this state: because of its time an event is rejected only
  /// when the clock is trusted, or when the time is wrong by any clock.
  package mutating func judge(_ rejection: Rejection, camera: String, state: ClockTrust.State) -> Rejection {
    guard rejection.code == .tooOld || rejection.code == .tooFuture, let timeMs = rejection.timestampMs,
      (ClockStepDetector.earliestPlausibleMs..<Self.latestPlausibleMs).contains(timeMs), state != .trusted
    else { return rejection }
    words[camera] = .contradicts(rejection.code)
    unjudged = min(timeMs, unjudged?.lowerBound ?? timeMs)...max(timeMs, unjudged?.upperBound ?? timeMs)
    return Rejection(
      code: .bridgeClock, field: rejection.field,
      detail:
        "was \(rejection.code.rawValue) by the bridge's clock, which is in doubt: replay it when that is right",
      eventID: rejection.eventID)
  }
}
