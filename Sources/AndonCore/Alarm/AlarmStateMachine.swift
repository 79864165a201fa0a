/// The state of one alarm after ISA-18.2. Each function takes one input from a rule, a person or a timer and
/// returns the journal rows that result.
///
/// ```
/// normal ⇄ pending → unack_active → acked_active → normal
///                         └─ cleared → rtn_unack ── acknowledged → normal
/// ```
/// `shelved` overrides all of them: transitions are recorded meanwhile but do not page. The state is computed
/// from condition, acknowledgement and shelf, so these cannot contradict each other. Clock times come in as
/// `nowMs`.
public struct AlarmStateMachine: Sendable, Hashable, Codable {
  /// One occurrence of the alarm, with its re-raises within 24 h.
  public struct Occurrence: Sendable, Hashable, Codable {
    public var id: String
    /// The start of its first episode, event time.
    public var firstSinceMs: Int64
    /// The open episode, or the last one.
    public var sinceMs: Int64
    public var raisedMs: Int64
    public var clearedMs: Int64?
    public var flapCount: Int64 = 0
    public var isAcked = false
    public var ackedBy: String?
    public var ackedMs: Int64?
    public var comment: String?
    /// When it last paged, and how often it paged again after the first time.
    public var notifiedMs: Int64?
    public var renotifyCount: Int64 = 0
    public var severity: Int64
    /// The site alarm that it is attached to.
    public var attachedTo: String?
    /// Its camera was taken out of service: a later re-raise is not chatter, however soon it comes.
    public var wasTakenOut: Bool?
  }

  public struct Shelf: Sendable, Hashable, Codable {
    public var untilMs: Int64
    public var by: String
    public var reason: String
  }

  /// What a raise may do.
  public enum Raise: Sendable, Hashable {
    case page
    /// The episode is too old to page.
    case historical
    case attached(to: String)
  }

  public let key: AlarmKey
  public private(set) var occurrence: Occurrence?
  public private(set) var shelf: Shelf?
  public private(set) var pendingSinceMs: Int64?
  /// Grows with every journal row.
  public private(set) var revision: Int64 = 0
  /// As of the last transition; readers may have newer figures.
  public var measure: AlarmMeasure
  /// No data came for a long time: the shown state may be out of date.
  public var isStale = false
  /// At most one `pending` is written to the journal in `pendingPauseMs`.
  private var pendingNotedMs: Int64?
  /// The last `pending` in the journal was neither raised nor withdrawn yet.
  private var isPendingNoted = false

  /// A re-raise within this time of the clear is chatter, unless the configuration says otherwise.
  public static let reannounceMs: Int64 = 600_000
  public static let pendingPauseMs: Int64 = 3_600_000
  public static let renotifyMs: Int64 = 3_600_000
  public static let renotifyLimit: Int64 = 24
  /// After this many repeated pages the severity rises by one step.
  public static let repeatsToRise: Int64 = 3
  public static let severityStep: Int64 = 200
  public static let shortestShelfMs: Int64 = 60_000
  public static let longestShelfMs: Int64 = 8 * 3_600_000

  /// - Parameters:
  ///   - revision: the last revision in the journal; the next row gets a higher one.
  ///   - pendingSinceMs: since when the condition holds, where that is known but not in the journal.
  public init(key: AlarmKey, measure: AlarmMeasure, revision: Int64 = 0, pendingSinceMs: Int64? = nil) {
    self.key = key
    self.measure = measure
    self.revision = revision
    self.pendingSinceMs = pendingSinceMs
  }

  public var state: AlarmState {
    if shelf != nil { return .shelved }
    if let occurrence {
      if occurrence.clearedMs == nil { return occurrence.isAcked ? .ackedActive : .unackActive }
      if !occurrence.isAcked { return .rtnUnack }
    }
    return pendingSinceMs == nil ? .normal : .pending
  }

  /// The condition holds and the alarm was raised; acknowledged and shelved alarms included.
  public var isRaised: Bool { occurrence.map { $0.clearedMs == nil } ?? false }

  /// Time alone may change it.
  var isTimed: Bool { shelf != nil || state == .unackActive }

  public var severity: Int64 { occurrence?.severity ?? key.rule.severity }

  // MARK: Inputs from rules

  /// Sets whether the condition holds before an alarm is raised.
  public mutating func apply(
    pendingSinceMs: Int64?, measure: AlarmMeasure, nowMs: Int64
  ) -> [AlarmTransition] {
    guard (pendingSinceMs == nil) != (self.pendingSinceMs == nil) else {
      self.pendingSinceMs = pendingSinceMs
      return []
    }
    let from = state
    self.pendingSinceMs = pendingSinceMs
    self.measure = measure
    guard state != from, !isRaised else { return [] }
    if state == .pending {
      // A mean that crosses the limit again and again writes two rows an hour, not two per sample.
      if let noted = pendingNotedMs, (0..<Self.pendingPauseMs).contains(nowMs - noted) { return [] }
      pendingNotedMs = nowMs
      isPendingNoted = true
      return [record(.pending, from: from, atMs: pendingSinceMs ?? nowMs, nowMs: nowMs)]
    }
    guard isPendingNoted else { return [] }
    isPendingNoted = false
    return [record(.withdrawn, from: from, atMs: nowMs, nowMs: nowMs)]
  }

  /// An episode was raised. If its occurrence is known, it continues that one: as chatter without a page when
  /// it was raised within `reannounceMs` of the clear, otherwise unacknowledged and with a page.
  public mutating func raise(
    _ episode: Episode, site: String, as raise: Raise, measure: AlarmMeasure,
    reannounceMs: Int64 = Self.reannounceMs, nowMs: Int64
  ) -> [AlarmTransition] {
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
      return [record(.reopened, from: from, atMs: episode.raisedMs, nowMs: nowMs)]
    }
    var next = Occurrence(
      id: id, firstSinceMs: episode.occurrenceSinceMs, sinceMs: episode.sinceMs, raisedMs: episode.raisedMs,
      flapCount: episode.flapCount,
      severity: key.rule.severity)
    if case .attached(let alarm) = raise { next.attachedTo = alarm }
    let page = raise == .page && key.rule.pages && shelf == nil
    if page { next.notifiedMs = nowMs }
    occurrence = next
    let kind: AlarmTransition.Kind = isKnown ? .reopened : raise == .historical ? .historical : .raised
    return [record(kind, from: from, atMs: episode.raisedMs, nowMs: nowMs, page: page)]
  }

  /// The episode ended.
  public mutating func clear(endedMs: Int64, measure: AlarmMeasure, nowMs: Int64) -> [AlarmTransition] {
    guard isRaised else { return [] }
    let from = state
    occurrence?.clearedMs = endedMs
    self.measure = measure
    return [record(.cleared, from: from, atMs: endedMs, nowMs: nowMs)]
  }

  /// Late data moved the times of the shown episode, and perhaps its id.
  public mutating func amend(_ episode: Episode, site: String, nowMs: Int64) -> [AlarmTransition] {
    let from = state
    occurrence?.id = episode.occurrenceID(site: site)
    occurrence?.firstSinceMs = episode.occurrenceSinceMs
    occurrence?.sinceMs = episode.sinceMs
    occurrence?.raisedMs = episode.raisedMs
    occurrence?.flapCount = episode.flapCount
    return [record(.amended, from: from, atMs: episode.raisedMs, nowMs: nowMs)]
  }

  /// Late data removed the shown episode.
  public mutating func retract(_ episode: Episode, nowMs: Int64) -> [AlarmTransition] {
    let from = state
    // The row names the removed occurrence; the state after it has none.
    var row = record(.retracted, from: from, atMs: episode.raisedMs, nowMs: nowMs, past: episode)
    occurrence = nil
    row.machine.occurrence = nil
    return [row]
  }

  /// A past episode that this alarm never showed was added, moved or removed.
  public mutating func recordPast(
    _ kind: AlarmTransition.Kind, _ episode: Episode, nowMs: Int64
  ) -> [AlarmTransition] {
    [record(kind, from: state, atMs: episode.raisedMs, nowMs: nowMs, past: episode)]
  }

  /// Attaches the alarm to a site alarm: it no longer pages by itself.
  public mutating func attach(to alarm: String, nowMs: Int64) -> [AlarmTransition] {
    guard isRaised, occurrence?.attachedTo != alarm else { return [] }
    occurrence?.attachedTo = alarm
    return [record(.attached, from: state, atMs: nowMs, nowMs: nowMs)]
  }

  /// The alarm that it was attached to is over: it stands for itself, and pages unless a person knows of it.
  public mutating func detach(nowMs: Int64) -> [AlarmTransition] {
    guard isRaised, occurrence?.attachedTo != nil else { return [] }
    occurrence?.attachedTo = nil
    let page = state == .unackActive && key.rule.pages
    if page { occurrence?.notifiedMs = nowMs }
    return [record(.detached, from: state, atMs: nowMs, nowMs: nowMs, page: page)]
  }

  // MARK: Inputs from people

  /// Whether there is an occurrence without an acknowledgement.
  public var needsAcknowledgement: Bool { occurrence.map { !$0.isAcked } ?? false }

  public mutating func acknowledge(by: String, comment: String?, nowMs: Int64) -> [AlarmTransition] {
    guard needsAcknowledgement else { return [] }
    let from = state
    occurrence?.isAcked = true
    occurrence?.ackedBy = by
    occurrence?.ackedMs = nowMs
    occurrence?.comment = comment
    if !key.rule.returns, isRaised { occurrence?.clearedMs = nowMs }
    return [record(.acknowledged, from: from, atMs: nowMs, nowMs: nowMs, by: by, comment: comment)]
  }

  /// Shelves the alarm for 1 min to 8 h; replaces an earlier shelf.
  public mutating func shelve(
    untilMs: Int64, by: String, reason: String, nowMs: Int64
  ) -> [AlarmTransition] {
    let from = state
    let limit = nowMs + Self.longestShelfMs
    shelf = Shelf(untilMs: min(max(untilMs, nowMs + Self.shortestShelfMs), limit), by: by, reason: reason)
    return [record(.shelved, from: from, atMs: nowMs, nowMs: nowMs, by: by, comment: reason)]
  }

  /// Ends the shelf. Pages if the condition holds and is unacknowledged.
  public mutating func unshelve(by: String?, comment: String?, nowMs: Int64) -> [AlarmTransition] {
    guard shelf != nil else { return [] }
    shelf = nil
    let page = state == .unackActive && key.rule.pages && occurrence?.attachedTo == nil
    if page { occurrence?.notifiedMs = nowMs }
    return [
      record(.unshelved, from: .shelved, atMs: nowMs, nowMs: nowMs, page: page, by: by, comment: comment)
    ]
  }

  /// Records whether the shown occurrence was a false alarm.
  public mutating func judge(
    isFalseAlarm: Bool, by: String, comment: String?, nowMs: Int64
  ) -> [AlarmTransition] {
    guard occurrence != nil else { return [] }
    let kind: AlarmTransition.Kind = isFalseAlarm ? .falseAlarm : .confirmed
    return [record(kind, from: state, atMs: nowMs, nowMs: nowMs, by: by, comment: comment)]
  }

  /// The camera is taken out of service: the alarm becomes normal without an acknowledgement. The row names
  /// what ended: the condition, the wait for an acknowledgement, the shelf or the on-delay.
  public mutating func removeFromService(by: String, comment: String?, nowMs: Int64) -> [AlarmTransition] {
    let from = state
    let kind: AlarmTransition.Kind? =
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
    return kind.map { [record($0, from: from, atMs: nowMs, nowMs: nowMs, by: by, comment: comment)] } ?? []
  }

  // MARK: Inputs from timers

  /// Ends a shelf that is due. Pages again after each hour without an acknowledgement, at most 24 times; the
  /// severity rises one step with the third. A clock that was set back delays the page.
  public mutating func tick(nowMs: Int64) -> [AlarmTransition] {
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
    return [record(.renotify, from: .unackActive, atMs: nowMs, nowMs: nowMs, page: true)]
  }

  private mutating func record(
    _ kind: AlarmTransition.Kind, from: AlarmState, atMs: Int64, nowMs: Int64, page: Bool = false,
    by: String? = nil, comment: String? = nil, past: Episode? = nil
  ) -> AlarmTransition {
    revision += 1
    return AlarmTransition(
      kind: kind, key: key, fromState: from, machine: self, past: past, page: page, atMs: atMs, nowMs: nowMs,
      by: by, comment: comment)
  }
}
