/// All alarms of a site: the state of each alarm, the open episodes, and the transitions that are not yet
/// written.
///
/// A value without clock or store. Rules and commands are applied to it; `take` returns what must be written:
/// journal rows in order, and the keys whose state changed. The work is proportional to what changed; the
/// number of states is bounded by cameras × versions × rules.
///
/// Old conditions do not page. An episode is *held* (and shown as pending) when its data lag behind the clock
/// or its newest data are good again. It stays held until the backlog is drained and the newest data are bad.
/// Only an episode that is open then, and began within the last 24 h, pages.
public struct AlarmManager: Sendable {
  public let siteID: String
  private let reannounceMs: Int64
  public private(set) var machines: [AlarmKey: AlarmStateMachine] = [:]
  /// The open episodes of all rules.
  public private(set) var open: [AlarmKey: Episode] = [:]
  /// Cameras out of service: none of their alarms is raised.
  public private(set) var outOfService: Set<String>
  private var held = HeldEpisodes()
  private var siteRules: [String: SiteModelRule] = [:]
  private var journal: [AlarmTransition] = []
  private var changed: Set<AlarmKey> = []
  private var siteChanges: [EpisodeChange] = []

  /// Episodes that began longer ago than this do not page.
  public static let recentMs: Int64 = 86_400_000

  /// Starts from the stored states. An open episode that its alarm does not show yet is held again.
  ///
  /// - Parameter reannounceMs: An alarm that is raised again later than this after its clear pages again.
  public init(
    siteID: String, reannounceMs: Int64 = AlarmStateMachine.reannounceMs, machines: [AlarmStateMachine] = [],
    open: [Episode] = [], outOfService: Set<String> = [], nowMs: Int64 = 0
  ) {
    self.siteID = siteID
    self.outOfService = outOfService
    self.reannounceMs = reannounceMs
    for machine in machines { self.machines[machine.key] = machine }
    for episode in open {
      let occurrence = self.machines[episode.key]?.occurrence
      let isShown = occurrence?.id == episode.occurrenceID(site: siteID)
      // A non-returning alarm ends when it is acknowledged.
      if !episode.key.rule.returns, isShown, occurrence?.isAcked == true { continue }
      self.open[episode.key] = episode
      if episode.key.rule == .siteModel {
        siteRules[episode.key.sourceID] = SiteModelRule(sinceMs: episode.sinceMs, raisedMs: episode.raisedMs)
      }
      if !isOut(episode.key), !isShown || occurrence?.clearedMs != nil {
        held.hold(
          episode, self.machines[episode.key]?.measure ?? AlarmMeasure(metric: "", value: nil), nowMs: nowMs)
      }
    }
  }

  /// Returns the transitions to write, in order, and the keys whose state changed; forgets both.
  public mutating func dequeueChanges() -> (
    journal: [AlarmTransition], changed: Set<AlarmKey>, site: [EpisodeChange]
  ) {
    defer {
      journal.removeAll()
      changed.removeAll()
      siteChanges.removeAll()
    }
    return (journal, changed, siteChanges)
  }

  /// Performs a command of a person; `isVerified`: the name in it was proved.
  public mutating func perform<Result>(isVerified: Bool, _ body: (inout Self) -> Result) -> Result {
    let first = journal.count
    let result = body(&self)
    for index in journal.indices.dropFirst(first) { journal[index].isByVerified = isVerified }
    return result
  }

  // MARK: Rules

  /// Sets whether the condition holds before an alarm is raised; `pendingSinceMs` is nil when it does not
  /// hold.
  public mutating func apply(
    _ key: AlarmKey, pendingSinceMs: Int64?, measure: @autoclosure () -> AlarmMeasure, nowMs: Int64
  ) {
    if isOut(key) { return }
    var pendingSinceMs = pendingSinceMs
    if let episode = held[key] {
      // A held episode is shown as pending: its condition holds, but there was no page.
      held.touch(key, nowMs: nowMs)
      pendingSinceMs = episode.sinceMs
    }
    guard pendingSinceMs != nil || machines[key]?.pendingSinceMs != nil else { return }
    edit(key, measure()) { $0.apply(pendingSinceMs: pendingSinceMs, measure: measure(), nowMs: nowMs) }
  }

  /// Applies what a batch changed in the episodes.
  ///
  /// - Parameters:
  ///   - headMs: the newest event time of the data that the key is judged by; for rules of the clock, the
  ///   clock's time.
  ///   - isBadNow: whether a source's newest data still show the condition, see `tick`.
  ///   - cameras: how many cameras are on a model version, for `site_model`.
  ///   - isRolledOut: whether a model version is being rolled out, see `waits`.
  public mutating func apply(
    _ changes: [EpisodeChange], measure: (AlarmKey) -> AlarmMeasure, headMs: (AlarmKey) -> Int64,
    isBadNow: (AlarmKey) -> Bool = { _ in true }, cameras: (String) -> Int,
    isRolledOut: (String) -> Bool = { _ in false }, nowMs: Int64
  ) {
    for change in changes { recordOpen(change) }
    let versions = Set(changes.filter { $0.key.rule == .confidenceLow }.map(\.key.modelVersion))
    // The site alarm comes first: the cameras attached to it do not page.
    for version in versions.sorted() {
      judgeSite(version, headMs: headMs, cameras: cameras, clearedMs: Self.lastEnd(changes, version), nowMs)
    }
    for change in changes {
      apply(
        change, measure: measure(change.key), headMs: headMs(change.key),
        isBadNow: isBadNow(change.key) && !waits(change, isRolledOut, nowMs), nowMs: nowMs)
    }
  }

  private func waits(_ change: EpisodeChange, _ isRolledOut: (String) -> Bool, _ nowMs: Int64) -> Bool {
    switch change {
    case .added(let episode), .amended(_, let episode): waits(episode, isRolledOut, nowMs)
    case .retracted: false
    }
  }

  /// Whether the drift of a camera waits for others: while a version is being rolled out, `site_model` may call for all
  /// of them, and until then each would call for itself.
  private func waits(_ episode: Episode, _ isRolledOut: (String) -> Bool, _ nowMs: Int64) -> Bool {
    let (key, version) = (episode.key, episode.key.modelVersion)
    guard key.rule == .confidenceLow, nowMs - episode.raisedMs < SiteModelRule.spanMs else { return false }
    let site = AlarmKey(rule: .siteModel, sourceID: version, modelVersion: version)
    return machines[site]?.isRaised != true && isRolledOut(version)
  }

  private static func lastEnd(_ changes: [EpisodeChange], _ version: String) -> Int64? {
    changes.compactMap { change in
      guard change.key.rule == .confidenceLow, change.key.modelVersion == version else { return nil }
      return switch change {
      case .added(let episode), .amended(_, let episode): episode.endedMs
      case .retracted(let episode): episode.raisedMs
      }
    }.max()
  }

  private mutating func recordOpen(_ change: EpisodeChange) {
    switch change {
    case .added(let episode): if episode.isOpen { open[episode.key] = episode }
    case .amended(let old, let new):
      if new.isOpen { open[new.key] = new } else if old.isOpen { open[old.key] = nil }
    case .retracted(let episode): if episode.isOpen { open[episode.key] = nil }
    }
  }

  private mutating func judgeSite(
    _ version: String, headMs: (AlarmKey) -> Int64, cameras: (String) -> Int, clearedMs: Int64?,
    _ nowMs: Int64
  ) {
    let low = open.values.filter {
      $0.key.rule == .confidenceLow && $0.key.modelVersion == version && !isOut($0.key)
    }
    var rule = siteRules[version] ?? SiteModelRule()
    let key = AlarmKey(rule: .siteModel, sourceID: version, modelVersion: version)
    let transition = rule.apply(
      openRaises: low.map(\.raisedMs), cameras: cameras(version), clearedMs: clearedMs ?? nowMs)
    guard let transition else { return }
    siteRules[version] = rule.raised == nil ? nil : rule
    let measure = AlarmMeasure(
      metric: "cameras", value: Int64(low.count),
      limit: Int64(SiteModelRule.threshold(cameras: cameras(version))),
      digits: 0)
    let change: EpisodeChange
    if transition.kind == .raised {
      let episode = Episode(
        key: key, sinceMs: transition.sinceMs, raisedMs: transition.atMs, valuePpm: nil,
        after: previous(key))
      change = .added(episode)
    } else {
      guard let before = open[key] else { return }
      var after = before
      after.endedMs = max(transition.atMs, before.raisedMs)
      change = .amended(from: before, to: after)
    }
    siteChanges.append(change)
    recordOpen(change)
    apply(change, measure: measure, headMs: low.map { headMs($0.key) }.max() ?? nowMs, nowMs: nowMs)
  }

  /// The last occurrence as an episode: a re-raise within 24 h continues it.
  private func previous(_ key: AlarmKey) -> Episode? {
    guard key.rule.returns, let occurrence = machines[key]?.occurrence, let cleared = occurrence.clearedMs
    else {
      return nil
    }
    return Episode(
      key: key, sinceMs: occurrence.sinceMs, raisedMs: occurrence.raisedMs, endedMs: cleared,
      occurrenceSinceMs: occurrence.firstSinceMs, flapCount: occurrence.flapCount, valuePpm: nil)
  }

  private mutating func apply(
    _ change: EpisodeChange, measure: AlarmMeasure, headMs: Int64, isBadNow: Bool = true, nowMs: Int64
  ) {
    let key = change.key
    if isOut(key) {
      applyOutOfService(change, measure, nowMs)
      return
    }
    switch change {
    case .added(let episode):
      if episode.isOpen {
        consider(episode, measure, headMs: headMs, isBadNow: isBadNow, nowMs)
      } else {
        edit(key, measure) { $0.recordPast(.historical, episode, nowMs: nowMs) }
      }
    case .amended(let old, let new):
      amend(from: old, to: new, measure, headMs: headMs, isBadNow: isBadNow, nowMs)
    case .retracted(let episode):
      if held.contains(episode) {
        held.release(key)
      } else if isShown(episode) {
        edit(key, measure) { $0.retract(episode, nowMs: nowMs) }
      } else {
        edit(key, measure) { $0.recordPast(.retracted, episode, nowMs: nowMs) }
      }
    }
  }

  /// For a camera out of service, only the alarm that it showed last is corrected.
  private mutating func applyOutOfService(_ change: EpisodeChange, _ measure: AlarmMeasure, _ nowMs: Int64) {
    let site = siteID
    switch change {
    case .added: break
    case .amended(let old, let new):
      guard isShown(old), old.sinceMs != new.sinceMs || old.occurrenceSinceMs != new.occurrenceSinceMs else {
        return
      }
      edit(new.key, measure) { $0.amend(new, site: site, nowMs: nowMs) }
    case .retracted(let episode):
      guard isShown(episode) else { return }
      edit(episode.key, measure) { $0.retract(episode, nowMs: nowMs) }
    }
  }

  private func isShown(_ episode: Episode) -> Bool {
    machines[episode.key]?.occurrence.map { $0.sinceMs == episode.sinceMs } ?? false
  }

  private mutating func amend(
    from old: Episode, to new: Episode, _ measure: AlarmMeasure, headMs: Int64, isBadNow: Bool, _ nowMs: Int64
  ) {
    let key = new.key
    if held.contains(old) {
      held.amend(new, nowMs: nowMs)
      guard !new.isOpen else { return }
      held.release(key)
      edit(key, measure) { $0.recordPast(.historical, new, nowMs: nowMs) }
      return
    }
    guard isShown(old) else {
      if new.isOpen, !old.isOpen {
        consider(new, measure, headMs: headMs, isBadNow: isBadNow, nowMs)
      } else {
        edit(key, measure) { $0.recordPast(.amended, new, nowMs: nowMs) }
      }
      return
    }
    let isMoved = old.sinceMs != new.sinceMs || old.raisedMs != new.raisedMs
    let (site, reannounceMs) = (siteID, reannounceMs)
    if isMoved || old.occurrenceSinceMs != new.occurrenceSinceMs {
      edit(key, measure) { $0.amend(new, site: site, nowMs: nowMs) }
    }
    if let ended = new.endedMs {
      if old.isOpen {
        edit(key, measure) { $0.clear(endedMs: ended, measure: measure, nowMs: nowMs) }
      } else if !isMoved {
        edit(key, measure) { $0.recordPast(.amended, new, nowMs: nowMs) }
      }
    } else if !old.isOpen {
      edit(key, measure) {
        $0.raise(
          new, site: site, as: .historical, measure: measure, reannounceMs: reannounceMs, nowMs: nowMs)
      }
    }
  }

  private mutating func consider(
    _ episode: Episode, _ measure: AlarmMeasure, headMs: Int64, isBadNow: Bool, _ nowMs: Int64
  ) {
    if nowMs - headMs > HeldEpisodes.lagMs || !isBadNow {
      held.hold(episode, measure, nowMs: nowMs)
    } else {
      raise(episode, measure, nowMs)
    }
  }

  private mutating func raise(
    _ episode: Episode, _ measure: AlarmMeasure, _ nowMs: Int64, cause: AlarmKey? = nil
  ) {
    let key = episode.key
    let (site, reannounceMs) = (siteID, reannounceMs)
    let siteAlarm = AlarmKey(
      rule: .siteModel, sourceID: key.modelVersion, modelVersion: key.modelVersion)
    var kind = AlarmStateMachine.Raise.page
    if let cause {
      kind = .attached(to: cause.alertID(site: site))
    } else if nowMs - episode.sinceMs > Self.recentMs, key.rule != .dataGap {
      kind = .historical
    } else if key.rule == .confidenceLow, machines[siteAlarm]?.isRaised == true {
      kind = .attached(to: siteAlarm.alertID(site: site))
    }
    edit(key, measure) {
      $0.raise(episode, site: site, as: kind, measure: measure, reannounceMs: reannounceMs, nowMs: nowMs)
    }
    guard key.rule == .siteModel else { return }
    for other in open.keys.sorted()
    where other.rule == .confidenceLow && other.modelVersion == key.modelVersion && machines[other] != nil {
      edit(other, measure) { $0.attach(to: key.alertID(site: site), nowMs: nowMs) }
    }
  }

  /// Changes one alarm and keeps the transitions that result.
  private mutating func edit(
    _ key: AlarmKey, _ measure: AlarmMeasure, _ body: (inout AlarmStateMachine) -> [AlarmTransition]
  ) {
    var machine = machines[key] ?? AlarmStateMachine(key: key, measure: measure)
    let before = machine
    journal += body(&machine)
    machines[key] = machine
    if machine != before { changed.insert(key) }
  }

  // MARK: Rules of the clock

  /// Begins or ends the episode of a condition that has no samples of its own.
  ///
  /// - Parameter cause: the raised alarm that explains the condition: a new alarm does not page.
  /// - Returns: the change, for the table of episodes; nil when nothing changed.
  public mutating func set(
    _ key: AlarmKey, sinceMs: Int64?, atMs: Int64, attachedTo cause: AlarmKey? = nil,
    measure: @autoclosure () -> AlarmMeasure, nowMs: Int64
  ) -> EpisodeChange? {
    let change: EpisodeChange
    if let sinceMs {
      guard open[key] == nil, !isOut(key) else { return nil }
      change = .added(
        Episode(key: key, sinceMs: sinceMs, raisedMs: atMs, valuePpm: nil, after: previous(key)))
    } else {
      guard let before = open[key] else { return nil }
      var after = before
      after.endedMs = max(atMs, before.raisedMs)
      change = .amended(from: before, to: after)
    }
    recordOpen(change)
    if let cause, case .added(let episode) = change {
      raise(episode, measure(), nowMs, cause: cause)
    } else {
      apply(change, measure: measure(), headMs: nowMs, nowMs: nowMs)
    }
    return change
  }

  // MARK: Out of service

  private func isOut(_ key: AlarmKey) -> Bool {
    // `data_gap` is about the bridge or about a camera.
    (key.rule.isOfCamera || key.rule == .dataGap) && outOfService.contains(key.sourceID)
  }

  /// Takes a camera out of service: its alarms end without a page. Episodes of rules of the clock end too;
  /// those of the drift rules continue in the background.
  ///
  /// - Parameter cameras: how many cameras in service are on a model version, for `site_model`.
  /// - Returns: the episodes that end, for the table of episodes.
  public mutating func removeFromService(
    _ camera: String, by: String, reason: String, cameras: (String) -> Int, nowMs: Int64
  ) -> [EpisodeChange] {
    guard outOfService.insert(camera).inserted else { return [] }
    var changes: [EpisodeChange] = []
    held.release(camera: camera)
    for key in machines.keys.sorted() where isOut(key) && key.sourceID == camera {
      edit(key, machines[key]?.measure) { $0.removeFromService(by: by, comment: reason, nowMs: nowMs) }
    }
    for key in open.keys.sorted() where isOut(key) && key.sourceID == camera {
      guard !DriftDetector.rules.contains(key.rule), let before = open[key] else { continue }
      if key.rule.returns {
        var after = before
        after.endedMs = max(nowMs, before.raisedMs)
        changes.append(.amended(from: before, to: after))
      } else if !isShown(before) {
        continue
      }
      open[key] = nil
    }
    for version in Set(open.keys.filter { $0.sourceID == camera }.map(\.modelVersion)).sorted() {
      judgeSite(version, headMs: { _ in nowMs }, cameras: cameras, clearedMs: nowMs, nowMs)
    }
    return changes
  }

  /// Puts a camera back into service. Its open episodes are held until new data arrive or the source is
  /// quiet.
  public mutating func putBack(_ camera: String, nowMs: Int64) {
    guard outOfService.remove(camera) != nil else { return }
    for (key, episode) in open.sorted(by: { $0.key < $1.key })
    where key.rule.isOfCamera && key.sourceID == camera && machines[key]?.isRaised != true {
      held.hold(episode, machines[key]?.measure ?? AlarmMeasure(metric: "", value: nil), nowMs: nowMs)
    }
  }

  // MARK: People

  /// The keys that an alarm id names, one per model version. Empty for an unknown id.
  public func keys(alertID: String) -> [AlarmKey] {
    machines.keys.filter { $0.alertID(site: siteID) == alertID }.sorted()
  }

  /// Acknowledges the alarms of these keys that need it. Returns false when none did.
  public mutating func acknowledge(_ keys: [AlarmKey], by: String, comment: String?, nowMs: Int64) -> Bool {
    var isAny = false
    for key in keys where machines[key]?.needsAcknowledgement == true {
      isAny = true
      edit(key, machines[key]?.measure) { $0.acknowledge(by: by, comment: comment, nowMs: nowMs) }
      if !key.rule.returns { open[key] = nil }
    }
    return isAny
  }

  public mutating func shelve(_ keys: [AlarmKey], untilMs: Int64, by: String, reason: String, nowMs: Int64) {
    for key in keys {
      edit(key, machines[key]?.measure) { $0.shelve(untilMs: untilMs, by: by, reason: reason, nowMs: nowMs) }
    }
  }

  /// Returns false when none was shelved.
  public mutating func unshelve(_ keys: [AlarmKey], by: String, comment: String?, nowMs: Int64) -> Bool {
    let shelved = keys.filter { machines[$0]?.shelf != nil }
    for key in shelved {
      edit(key, machines[key]?.measure) { $0.unshelve(by: by, comment: comment, nowMs: nowMs) }
    }
    return !shelved.isEmpty
  }

  /// Records whether the last occurrence was a false alarm. Returns the ids of the judged occurrences.
  public mutating func judge(
    _ keys: [AlarmKey], isFalseAlarm: Bool, by: String, comment: String?, nowMs: Int64
  ) -> [String] {
    let judged = keys.filter { machines[$0]?.occurrence != nil }
    for key in judged {
      edit(key, machines[key]?.measure) {
        $0.judge(isFalseAlarm: isFalseAlarm, by: by, comment: comment, nowMs: nowMs)
      }
    }
    return judged.compactMap { machines[$0]?.occurrence?.id }
  }

  mutating func edit(
    _ key: AlarmKey, _ measure: AlarmMeasure?, _ body: (inout AlarmStateMachine) -> [AlarmTransition]
  ) {
    edit(key, measure ?? AlarmMeasure(metric: "", value: nil), body)
  }

  // MARK: Timers

  /// Repeats pages, ends shelves that are due, and releases held episodes whose source caught up.
  ///
  /// - Parameter isBadNow: whether a source's newest data still show the condition. A rolling mean stays low
  ///   long after the problem is over; such an episode stays held, does not page, and ends with its clear.
  /// - Parameter headMs: the newest event time of a source; nil where only silence shows that it caught up.
  /// - Parameter isRolledOut: whether a model version is being rolled out.
  public mutating func tick(
    measure: (AlarmKey) -> AlarmMeasure?, isBadNow: (AlarmKey) -> Bool = { _ in true },
    headMs: (AlarmKey) -> Int64? = { _ in nil }, isRolledOut: (String) -> Bool = { _ in false }, nowMs: Int64
  ) {
    for key in held.due(headMs: headMs, nowMs: nowMs) {
      guard isBadNow(key), let episode = held[key], !waits(episode, isRolledOut, nowMs),
        let one = held.release(key)
      else { continue }
      raise(one.episode, measure(key) ?? one.measure, nowMs)
    }
    for key in machines.keys.sorted() where machines[key]?.isTimed == true {
      edit(key, machines[key]?.measure) { $0.tick(nowMs: nowMs) }
    }
  }

  /// Sets whether the data behind an alarm stopped coming. Does not page and writes no journal row.
  public mutating func setStale(_ key: AlarmKey, _ isStale: Bool) {
    guard let machine = machines[key], machine.isStale != isStale else { return }
    machines[key]?.isStale = isStale
    changed.insert(key)
  }
}
