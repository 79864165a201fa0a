import AndonCore

/// Whether the bridge's clock may judge events by their time: a value, changed by clock steps, cameras and
/// elapsed time.
///
/// ```
/// start, the last commit a day or more ago, or a step within the last day
///         └──────▶ unproven ──the majority of cameras agrees, or an hour──▶ trusted ◀── any other start
///                      │ two cameras or more, the majority, contradict          │
///                      ▼                                                        │ a step
///                   doubted ◀───────────────────────────────────────────────────┘
///                      └──the majority of cameras agrees; an hour; a day while they contradict──▶ trusted
/// ```
///
/// While the clock is unproven or doubted, events that it would refuse by their time are quarantined as
/// `bridge_clock`. A camera agrees when two of its events, at least five seconds apart, arrived within 30 s
/// of their time: events of a backlog may pass by chance, but not for long.
package struct ClockTrust: Sendable {
  package enum State: Sendable { case trusted, unproven, doubted }

  /// What a call of `hear` or `pass` changed, for the log.
  package enum Change: Sendable, Equatable { case proven, contradicted, timeIsUp }

  package private(set) var state = State.trusted
  /// Why the clock is doubted, as text.
  package private(set) var reason = ""
  private var sinceMs: Int64 = 0
  /// Since when each camera has agreed, monotonic milliseconds, and whether it did so for long enough.
  private var agreeing: [String: (sinceMs: Int64, isSure: Bool)] = [:]
  /// In which direction each camera contradicts.
  private var contradicting: [String: RejectionCode] = [:]

  package static let agreementMs: Int64 = 30_000
  package static let agreementLastsMs: Int64 = 5000
  /// Doubt ends after this time without evidence; while the majority contradicts, after
  /// `contradictedLimitMs`.
  package static let limitMs: Int64 = 3_600_000
  package static let contradictedLimitMs: Int64 = 86_400_000

  package init() {}

  /// A start this long or longer after the last commit leaves the clock unproven.
  package static let unprovenAfterMs: Int64 = 86_400_000

  /// The process starts and nothing is known about the clock.
  package mutating func start(monotonicMs: Int64) { begin(.unproven, "", monotonicMs) }

  /// The clock stepped, or is behind the time of the last commit.
  package mutating func doubt(_ reason: String, monotonicMs: Int64) { begin(.doubted, reason, monotonicMs) }

  private mutating func begin(_ state: State, _ reason: String, _ monotonicMs: Int64) {
    (self.state, self.reason, sinceMs) = (state, reason, monotonicMs)
    agreeing = [:]
    contradicting = [:]
  }

  /// Applies what a batch's cameras say about the clock.
  package mutating func apply(_ evidence: ClockEvidence, monotonicMs: Int64) -> Change? {
    guard state != .trusted else { return nil }
    for (camera, word) in evidence.words {
      switch word {
      case .agrees:
        contradicting[camera] = nil
        let sinceMs = agreeing[camera]?.sinceMs ?? monotonicMs
        agreeing[camera] = (sinceMs, monotonicMs - sinceMs >= Self.agreementLastsMs)
      case .contradicts(let code):
        agreeing[camera] = nil
        contradicting[camera] = code
      }
    }
    let sure = agreeing.values.count(where: \.isSure)
    if sure > contradicting.count {
      begin(.trusted, "", monotonicMs)
      return .proven
    }
    if state == .unproven, isContradicted {
      (state, reason) = (
        .doubted, "\(contradicting.count) cameras say another time than this machine's clock"
      )
      return .contradicted
    }
    return nil
  }

  /// Applies the passage of time.
  package mutating func pass(monotonicMs: Int64) -> Change? {
    let limitMs = isContradicted ? Self.contradictedLimitMs : Self.limitMs
    guard state != .trusted, monotonicMs - sinceMs >= limitMs else { return nil }
    begin(.trusted, "", monotonicMs)
    return .timeIsUp
  }

  /// At least two cameras, and more than all others, contradict in the same direction.
  private var isContradicted: Bool {
    let future = contradicting.values.count { $0 == .tooFuture }
    let most = max(future, contradicting.count - future)
    return most >= 2 && most > agreeing.count + contradicting.count - most
  }

  /// The consequences of the doubt, for `/status`; nil without doubt.
  package var words: String? {
    guard state == .doubted else { return nil }
    return
      "\(reason): until the cameras' events agree with the clock, those that it would refuse by their time are "
      + "kept in the quarantine as bridge_clock; set the clock right (NTP), then replay them"
  }
}
