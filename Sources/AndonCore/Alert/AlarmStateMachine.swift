/// The life of one alert after ISA-18.2: a value that takes what rules, people and timers say, one function
/// each, and answers with what is to be written into the journal.
///
/// ```
/// normal ⇄ pending → unack_active → acked_active → normal
///                         └─ cleared → rtn_unack ── acknowledged → normal
/// ```
/// and `shelved` above all of them: what happens meanwhile is noted and calls nobody. The state is a function
/// of condition, acknowledgement and shelf, so that no two of them can contradict each other. Clock times come
/// in as `nowMs`.
public struct AlarmStateMachine: Sendable, Hashable, Codable {
  /// A time that the alert was raised, with its re-raises within 24 h.
  public struct Occurrence: Sendable, Hashable, Codable {
    public var id: String
    /// Where its first episode began.
    public var firstSinceMs: Int64
    /// The episode that goes on, or was the last.
    public var sinceMs: Int64
    public var raisedMs: Int64
    public var clearedMs: Int64?
    public var flapCount: Int64 = 0
    public var isAcked = false
    public var ackedBy: String?
    public var ackedMs: Int64?
    public var comment: String?
    /// Somebody was called for it, when last, and how often after the first time.
    public var notifiedMs: Int64?
    public var renotifyCount: Int64 = 0
    public var severity: Int64
    /// The site alert that took it in.
    public var attachedTo: String?
    /// Its camera was taken out of service: what it has after that is no chatter, however soon.
    public var wasTakenOut: Bool?
  }

  public struct Shelf: Sendable, Hashable, Codable {
    public var untilMs: Int64
    public var by: String
    public var reason: String
  }

  /// How a raise is to be taken.
  public enum Raise: Sendable, Hashable {
    case page
    /// Too old to call anybody.
    case historical
    case attached(to: String)
  }

  public let key: AlertKey
  public private(set) var occurrence: Occurrence?
  public private(set) var shelf: Shelf?
  public private(set) var pendingSinceMs: Int64?
  /// Rises with every row of the journal.
  public private(set) var revision: Int64 = 0
  /// As of the last transition; who shows the alert may know newer figures.
  public var measure: AlertMeasure
  /// No data came for long: what is shown may no longer be so.
  public var isStale = false
  /// Changes between normal and pending are journalled at most once in that time.
  private var pendingNotedMs: Int64?
  /// A `pending` in the journal still waits for what became of it.
  private var isPendingNoted = false

  /// A re-raise within that time of the clear is chatter, where nothing else is set.
  public static let reannounceMs: Int64 = 600_000
  public static let pendingPauseMs: Int64 = 3_600_000
  public static let renotifyMs: Int64 = 3_600_000
  public static let renotifyLimit: Int64 = 24
  /// After so many repeats the severity goes up one step.
  public static let repeatsToRise: Int64 = 3
  public static let severityStep: Int64 = 200
  public static let shortestShelfMs: Int64 = 60_000
  public static let longestShelfMs: Int64 = 8 * 3_600_000

  /// - Parameters:
  ///   - revision: the last one that the journal has of it; its next row is numbered above.
  ///   - pendingSinceMs: since when its condition holds, where that is known and was not told.
  public init(key: AlertKey, measure: AlertMeasure, revision: Int64 = 0, pendingSinceMs: Int64? = nil) {
    self.key = key
    self.measure = measure
    self.revision = revision
    self.pendingSinceMs = pendingSinceMs
  }

  public var state: AlertState {
    if shelf != nil { return .shelved }
    if let occurrence {
      if occurrence.clearedMs == nil { return occurrence.isAcked ? .ackedActive : .unackActive }
      if !occurrence.isAcked { return .rtnUnack }
    }
    return pendingSinceMs == nil ? .normal : .pending
  }

  /// The condition holds and was raised, whatever people made of it.
  public var isRaised: Bool { occurrence.map { $0.clearedMs == nil } ?? false }

  /// Something may come due by the clock alone.
  var isTimed: Bool { shelf != nil || state == .unackActive }

  public var severity: Int64 { occurrence?.severity ?? key.rule.severity }

  // MARK: What rules say

  /// The condition holds, or no longer does, before anything is raised.
  public mutating func follow(
    pendingSinceMs: Int64?, measure: AlertMeasure, nowMs: Int64
  ) -> [AlertTransition] {
    guard (pendingSinceMs == nil) != (self.pendingSinceMs == nil) else {
      self.pendingSinceMs = pendingSinceMs
      return []
    }
    let from = state
    self.pendingSinceMs = pendingSinceMs
    self.measure = measure
    guard state != from, !isRaised else { return [] }
    if state == .pending {
      // A mean that dances around the limit is two notes an hour, not two a sample.
      if let noted = pendingNotedMs, (0..<Self.pendingPauseMs).contains(nowMs - noted) { return [] }
      pendingNotedMs = nowMs
      isPendingNoted = true
      return [note(.pending, from: from, atMs: pendingSinceMs ?? nowMs, nowMs: nowMs)]
    }
    guard isPendingNoted else { return [] }
    isPendingNoted = false
    return [note(.withdrawn, from: from, atMs: nowMs, nowMs: nowMs)]
  }

  /// An episode is there. One of an occurrence that is known goes on with it: as chatter, which calls nobody,
  /// when it was raised within `reannounceMs` of the clear; else it needs an acknowledgement again, and calls.
  public mutating func raise(
    _ episode: Episode, site: String, as raise: Raise, measure: AlertMeasure,
    reannounceMs: Int64 = Self.reannounceMs, nowMs: Int64
  ) -> [AlertTransition] {
    let from = state
    let id = episode.occurrenceID(site: site)
    pendingSinceMs = nil
    isPendingNoted = false
    self.measure = measure
    let isKnown = occurrence?.id == id
    let isChatter =
      occurrence?.clearedMs.map { episode.raisedMs - $0 <= reannounceMs } ?? true
      && occurrence?.wasTakenOut != true
    if isKnown, isChatter, let known = occurrence {
      occurrence?.clearedMs = nil
      occurrence?.sinceMs = episode.sinceMs
      occurrence?.raisedMs = episode.raisedMs
      occurrence?.flapCount = episode.flapCount
      guard known.clearedMs != nil else { return [] }
      return [note(.reopened, from: from, atMs: episode.raisedMs, nowMs: nowMs)]
    }
    var next = Occurrence(
      id: id, firstSinceMs: episode.occurrenceSinceMs, sinceMs: episode.sinceMs, raisedMs: episode.raisedMs,
      flapCount: episode.flapCount,
      severity: key.rule.severity)
    if case .attached(let alert) = raise { next.attachedTo = alert }
    let page = raise == .page && key.rule.pages && shelf == nil
    if page { next.notifiedMs = nowMs }
    occurrence = next
    let kind: AlertTransition.Kind = isKnown ? .reopened : raise == .historical ? .historical : .raised
    return [note(kind, from: from, atMs: episode.raisedMs, nowMs: nowMs, page: page)]
  }

  /// The episode ended.
  public mutating func clear(endedMs: Int64, measure: AlertMeasure, nowMs: Int64) -> [AlertTransition] {
    guard isRaised else { return [] }
    let from = state
    occurrence?.clearedMs = endedMs
    self.measure = measure
    return [note(.cleared, from: from, atMs: endedMs, nowMs: nowMs)]
  }

  /// Late data moved the times of the episode that it shows; maybe its name, too.
  public mutating func amend(_ episode: Episode, site: String, nowMs: Int64) -> [AlertTransition] {
    let from = state
    occurrence?.id = episode.occurrenceID(site: site)
    occurrence?.firstSinceMs = episode.occurrenceSinceMs
    occurrence?.sinceMs = episode.sinceMs
    occurrence?.raisedMs = episode.raisedMs
    occurrence?.flapCount = episode.flapCount
    return [note(.amended, from: from, atMs: episode.raisedMs, nowMs: nowMs)]
  }

  /// Late data undid the episode that it shows.
  public mutating func retract(_ episode: Episode, nowMs: Int64) -> [AlertTransition] {
    let from = state
    // The row tells which occurrence is gone; after it there is none.
    var row = note(.retracted, from: from, atMs: episode.raisedMs, nowMs: nowMs, past: episode)
    occurrence = nil
    row.life.occurrence = nil
    return [row]
  }

  /// An episode of the past that it never showed came, moved or went.
  public mutating func notePast(
    _ kind: AlertTransition.Kind, _ episode: Episode, nowMs: Int64
  ) -> [AlertTransition] {
    [note(kind, from: state, atMs: episode.raisedMs, nowMs: nowMs, past: episode)]
  }

  /// A site alert takes it in: it calls nobody any more.
  public mutating func attach(to alert: String, nowMs: Int64) -> [AlertTransition] {
    guard isRaised, occurrence?.attachedTo != alert else { return [] }
    occurrence?.attachedTo = alert
    return [note(.attached, from: state, atMs: nowMs, nowMs: nowMs)]
  }

  // MARK: What people say

  /// False when there is nothing to acknowledge.
  public var needsAcknowledgement: Bool { occurrence.map { !$0.isAcked } ?? false }

  public mutating func acknowledge(by: String, comment: String?, nowMs: Int64) -> [AlertTransition] {
    guard needsAcknowledgement else { return [] }
    let from = state
    occurrence?.isAcked = true
    occurrence?.ackedBy = by
    occurrence?.ackedMs = nowMs
    occurrence?.comment = comment
    if !key.rule.returns, isRaised { occurrence?.clearedMs = nowMs }
    return [note(.acknowledged, from: from, atMs: nowMs, nowMs: nowMs, by: by, comment: comment)]
  }

  /// Puts it away for 1 min to 8 h; again, with another time, when it is away already.
  public mutating func shelve(
    untilMs: Int64, by: String, reason: String, nowMs: Int64
  ) -> [AlertTransition] {
    let from = state
    let limit = nowMs + Self.longestShelfMs
    shelf = Shelf(untilMs: min(max(untilMs, nowMs + Self.shortestShelfMs), limit), by: by, reason: reason)
    return [note(.shelved, from: from, atMs: nowMs, nowMs: nowMs, by: by, comment: reason)]
  }

  /// Takes it back. If the condition holds and nobody has seen it, somebody is called.
  public mutating func unshelve(by: String?, comment: String?, nowMs: Int64) -> [AlertTransition] {
    guard shelf != nil else { return [] }
    shelf = nil
    let page = state == .unackActive && key.rule.pages && occurrence?.attachedTo == nil
    if page { occurrence?.notifiedMs = nowMs }
    return [
      note(.unshelved, from: .shelved, atMs: nowMs, nowMs: nowMs, page: page, by: by, comment: comment)
    ]
  }

  /// A person's word on the occurrence that it shows.
  public mutating func judge(
    isFalseAlarm: Bool, by: String, comment: String?, nowMs: Int64
  ) -> [AlertTransition] {
    guard occurrence != nil else { return [] }
    let kind: AlertTransition.Kind = isFalseAlarm ? .falseAlarm : .confirmed
    return [note(kind, from: state, atMs: nowMs, nowMs: nowMs, by: by, comment: comment)]
  }

  /// Its camera is taken out of service: whatever it was, it is normal, and nobody needs to acknowledge it. The
  /// row is what ended: the condition, the wait for an acknowledgement, the shelf, or the on-delay.
  public mutating func takeOut(by: String, comment: String?, nowMs: Int64) -> [AlertTransition] {
    let from = state
    let kind: AlertTransition.Kind? =
      isRaised
      ? .cleared
      : needsAcknowledgement ? .acknowledged : shelf != nil ? .unshelved : isPendingNoted ? .withdrawn : nil
    (shelf, pendingSinceMs, isPendingNoted) = (nil, nil, false)
    if isRaised { occurrence?.clearedMs = nowMs }
    if needsAcknowledgement {
      occurrence?.isAcked = true
      occurrence?.ackedBy = by
      occurrence?.ackedMs = nowMs
      occurrence?.comment = comment
    }
    occurrence?.wasTakenOut = true
    return kind.map { [note($0, from: from, atMs: nowMs, nowMs: nowMs, by: by, comment: comment)] } ?? []
  }

  // MARK: What timers say

  /// Un-shelves what was away long enough, and calls again when nobody came within an hour: at most 24 times,
  /// one step more severe after three. A clock that jumped back waits, it does not call.
  public mutating func tick(nowMs: Int64) -> [AlertTransition] {
    if let shelf, nowMs >= shelf.untilMs { return unshelve(by: nil, comment: nil, nowMs: nowMs) }
    guard state == .unackActive, let notified = occurrence?.notifiedMs, occurrence?.attachedTo == nil,
      nowMs - notified >= Self.renotifyMs, let count = occurrence?.renotifyCount, count < Self.renotifyLimit
    else { return [] }
    occurrence?.renotifyCount = count + 1
    occurrence?.notifiedMs = nowMs
    if count + 1 == Self.repeatsToRise {
      let risen = min(1000, severity + Self.severityStep)
      occurrence?.severity = risen
    }
    return [note(.renotify, from: .unackActive, atMs: nowMs, nowMs: nowMs, page: true)]
  }

  private mutating func note(
    _ kind: AlertTransition.Kind, from: AlertState, atMs: Int64, nowMs: Int64, page: Bool = false,
    by: String? = nil, comment: String? = nil, past: Episode? = nil
  ) -> AlertTransition {
    revision += 1
    return AlertTransition(
      kind: kind, key: key, fromState: from, life: self, past: past, page: page, atMs: atMs, nowMs: nowMs,
      by: by, comment: comment)
  }
}
