import AndonCore

/// Whether the bridge's clock may judge events by their time, as a value: steps, cameras and the time that passes go
/// in.
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
/// While it is unproven or doubted, events that it would refuse by their time are kept apart (`bridge_clock`). A
/// camera agrees when two of its events, five seconds or more apart, came within half a minute of their time: the
/// events of a backlog pass by any clock, but not for long.
package struct ClockTrust: Sendable {
  package enum State: Sendable { case trusted, unproven, doubted }

  /// What `hear` and `pass` changed, for the log.
  package enum Change: Sendable, Equatable { case proven, contradicted, timeIsUp }

  package private(set) var state = State.trusted
  /// Why it is doubted, in words.
  package private(set) var reason = ""
  private var sinceMs: Int64 = 0
  /// Since when each camera has agreed, monotonic milliseconds, and whether it did so for long enough.
  private var agreeing: [String: (sinceMs: Int64, isSure: Bool)] = [:]
  /// Which way each camera contradicts.
  private var contradicting: [String: RejectionCode] = [:]

  package static let agreementMs: Int64 = 30_000
  package static let agreementLastsMs: Int64 = 5000
  /// It ends after that much time when nobody proves anything; and when the majority contradicts.
  package static let limitMs: Int64 = 3_600_000
  package static let contradictedLimitMs: Int64 = 86_400_000

  package init() {}

  /// A start with that much time since the last commit, or more, proves nothing of the clock.
  package static let unprovenAfterMs: Int64 = 86_400_000

  /// The process starts, and nothing is known of the clock.
  package mutating func start(monotonicMs: Int64) { begin(.unproven, "", monotonicMs) }

  /// The clock stepped, or says less than at the last commit.
  package mutating func doubt(_ reason: String, monotonicMs: Int64) { begin(.doubted, reason, monotonicMs) }

  private mutating func begin(_ state: State, _ reason: String, _ monotonicMs: Int64) {
    (self.state, self.reason, sinceMs) = (state, reason, monotonicMs)
    agreeing = [:]
    contradicting = [:]
  }

  /// Takes what a batch's cameras say of the clock.
  package mutating func hear(_ evidence: ClockEvidence, monotonicMs: Int64) -> Change? {
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

  /// Time passed.
  package mutating func pass(monotonicMs: Int64) -> Change? {
    let limitMs = isContradicted ? Self.contradictedLimitMs : Self.limitMs
    guard state != .trusted, monotonicMs - sinceMs >= limitMs else { return nil }
    begin(.trusted, "", monotonicMs)
    return .timeIsUp
  }

  /// Two cameras or more, and more than all others, contradict in the same direction.
  private var isContradicted: Bool {
    let future = contradicting.values.count { $0 == .tooFuture }
    let most = max(future, contradicting.count - future)
    return most >= 2 && most > agreeing.count + contradicting.count - most
  }

  /// What doubt means, for /status; nil without.
  package var words: String? {
    guard state == .doubted else { return nil }
    return
      "\(reason): until the cameras' events agree with the clock, those that it would refuse by their time are "
      + "kept in the quarantine as bridge_clock; set the clock right (NTP), then replay them"
  }
}
