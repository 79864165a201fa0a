package import AndonConfiguration
package import AndonCore
package import AndonStatus
package import AndonStore
import Foundation
import Mosquitto

/// Publishes one site's KPIs: what changed since the last cycle, and the windows that closed.
package final class KPIPublishCycle {
  /// The current value of a retained topic.
  struct Shown {
    var scope: KPIScope
    var id: String
    var window: Window
    var digest: UInt64
    var revision: Int64
    /// The names of the scalars that have a value.
    var tags: Set<String> = []
  }

  let site: SiteSettings
  let topics: TopicNames
  let scalarTags: Bool
  let publishQueue: PublishQueue
  private let observer: (any KPIObserver)?
  private let gauges: KPIGauges?
  private let receipts = DeliveryTracker()
  private let optional: OptionalTopics
  private let namespace: UnifiedNamespace?
  private let lasting: LastingTopics
  private var live: LiveWindows
  var shown: [String: Shown] = [:]
  /// Published final records that the broker has not acknowledged, by key and by receipt.
  private var inFlight: [FinalRow.Key: FinalRow] = [:]
  private var awaited: [Int64: FinalPublication] = [:]
  private var lastReceipt: Int64 = 0
  private var hasMeta = false
  var isFirst = true
  private var calendars: CalendarPublication
  /// By erasure, the topics of workers who were erased that the broker has not emptied yet.
  private var leaving: [Int64: Set<String>] = [:]
  /// A revision grows by at least one in this time, so that it also grows over a restart.
  private static let revisionMs: Int64 = 100
  /// When refused final records are published again, and how long the next wait is.
  private var retryAtMs: Int64?
  private var retryWaitMs = firstRetryMs
  private static let firstRetryMs: Int64 = 15_000
  private static let lastRetryMs: Int64 = 900_000

  package init(
    site: SiteSettings, topics: TopicNames, scalarTags: Bool, publishQueue: PublishQueue,
    observer: (any KPIObserver)? = nil, gauges: KPIGauges? = nil,
    optional: OptionalTopics = OptionalTopics()
  ) {
    self.gauges = gauges
    self.optional = optional
    namespace = optional.namespace(site)
    lasting = LastingTopics(
      file: optional.dataDirectory.map { OptionalTopics.file(dataDirectory: $0, site: site.id) },
      publishQueue: publishQueue)
    self.site = site
    self.topics = topics
    self.scalarTags = scalarTags
    self.publishQueue = publishQueue
    self.observer = observer
    live = LiveWindows(site: site)
    calendars = CalendarPublication(site: site, topics: topics, publishQueue: publishQueue)
  }

  /// Reads one snapshot and publishes what differs from what was published.
  ///
  /// An id that was listed in a window stays in it (events are only added): topics are emptied only when a change of
  /// the calendar, the targets or the configuration withdraws a shift, an area, a line, or a workstation without events.
  package func publish(_ store: SiteStore, nowMs: Int64) throws {
    try settleReceipts(store, nowMs: nowMs)
    if !hasMeta {
      publishQueue.set(
        .json(topics.metaKPI(site: site.id), KPIDefinition.metaJSON(), schema: "meta/1", retain: true))
      let described = optional.discovery(site, topics)
      for message in described {
        publishQueue.set(.json(message.topic, message.payload, schema: "discovery/1", retain: true))
      }
      publishNames(nowMs: nowMs)
      gauges?.begin(site: site.id)
      lasting.begin(optional.lasting(site, topics, described: described))
      hasMeta = true
    }
    lasting.update()
    // Before the figures are read, which then know the worker no longer.
    try emptyErased(store)
    let reading = try live.read(store, nowMs: nowMs)
    // In a fleet no figure leaves that has events which a bridge that takes over would not have.
    try store.gate?.wait()
    calendars.publish(reading.calendars, nowMs: nowMs)
    var open: Set<String> = []
    for record in reading.open {
      guard let topic = topic(of: record) else { continue }
      open.insert(topic)
      let elapsed = max(0, min(nowMs, record.window.endMs) - record.window.startMs)
      publish(record, topic, leastRevision: elapsed / Self.revisionMs + 1)
    }
    for record in reading.withheld { withdraw(record) }
    for closed in reading.closed { publish(closed, open: open, logged: store.logsFinals) }
    if reading.isCalendarChanged { withdrawShifts(reading.calendars) }
    if reading.areTargetsChanged { withdrawWithoutTarget(open, nowMs: nowMs) }
    if isFirst { withdrawLastCycle(nowMs: nowMs) }
    if site.privacy.replacesIDs { try withdrawWorkers(store, open: open, nowMs: nowMs) }
    isFirst = false
    publishQueue.flush()
    observer?.flush()
  }

  /// Sets `meta/site`, unless the cycle before a reload set it and the names are the same.
  private func publishNames(nowMs: Int64) {
    let topic = topics.metaSite(site: site.id)
    let before = publishQueue.retainedValues(prefix: topic).first { $0.topic == topic }
    if let before, site.names.isSame(as: before.payload) { return }
    let payload = site.names.json(nowMs: nowMs, mostBytes: SiteNames.mostBytes)
    publishQueue.set(.json(topic, payload, schema: "site/1", retain: true))
  }

  /// Empties the topic of a record that must not be shown any more, for example since another one must not.
  private func withdraw(_ record: KPIRecord) {
    guard let topic = topic(of: record), let value = shown[topic], value.window.isSame(as: record.window)
    else { return }
    empty(topic, value)
  }

  /// Empties the retained topics of workers who were erased, until the broker has. The file lists them, so that this
  /// continues after a restart.
  private func emptyErased(_ store: SiteStore) throws {
    let listed = try store.topicsToEmpty()
    for (id, topics) in listed where leaving[id] == nil {
      leaving[id] = Set(topics)
      for topic in topics { shown[topic] = nil }
      publishQueue.empty(topics)
    }
    let done = listed.keys.filter { id in leaving[id].map { publishQueue.beingEmptied($0).isEmpty } ?? false }
    guard !done.isEmpty else { return }
    try store.topicsAreEmpty(done)
    for id in done { leaving[id] = nil }
  }

  /// Empties the topics that show a shift which was withdrawn, where no earlier one took its place.
  private func withdrawShifts(_ calendars: SiteCalendars) {
    for (topic, value) in shown where value.window.kind == .shift {
      let startMs = value.window.startMs
      let isThere = calendars.calendar(of: value.scope, id: value.id).shifts(
        beginningIn: startMs..<startMs + 1
      )
      .contains { $0.isSame(as: value.window) }
      if !isThere { empty(topic, value) }
    }
  }

  /// Empties the topics of workstations that had a record of an open window for their target only, which was taken back.
  private func withdrawWithoutTarget(_ open: Set<String>, nowMs: Int64) {
    for (topic, value) in shown where value.scope == .workstation && !open.contains(topic) {
      if value.window.startMs <= nowMs, nowMs < value.window.endMs { empty(topic, value) }
    }
  }

  private func empty(_ topic: String, _ value: Shown) {
    let twin = value.window.kind.flatMap { namespace?.topic(value.scope, value.id, $0) }
    publishQueue.empty(
      [topic] + [twin].compactMap(\.self) + value.tags.map { tag($0, ofRecordOn: topic) })
    forget(topic)
  }

  /// The topic is empty now.
  private func forget(_ topic: String) {
    guard let value = shown.removeValue(forKey: topic), let kind = value.window.kind else { return }
    gauges?.remove(site: site.id, value.scope, value.id, kind)
  }

  /// Empties what the cycle before a reload of the configuration set, and what that withdrew: shifts that would
  /// still run, areas and lines that are gone.
  private func withdrawLastCycle(nowMs: Int64) {
    for value in publishQueue.retainedValues(prefix: "\(topics.root)/\(site.id)/kpi/")
    where shown[value.topic] == nil && isWithdrawn(value, nowMs: nowMs) {
      let scalars = publishQueue.retainedTopics(prefix: tag("", ofRecordOn: value.topic))
      let path = Self.path(value)
      let twin = path.scope.flatMap { namespace?.topic($0, path.id, .shift) }
      publishQueue.empty([value.topic] + scalars + (path.window == .shift ? [twin].compactMap(\.self) : []))
    }
  }

  private func isWithdrawn(_ value: Publication, nowMs: Int64) -> Bool {
    let path = Self.path(value)
    switch path.scope {
    case .area where site.layout.area(path.id) == nil, .line where site.layout.line(path.id) == nil:
      return true
    default: break
    }
    guard path.window == .shift else { return false }
    let object = try? JSONSerialization.jsonObject(with: Data(value.payload)) as? [String: Any]
    return (object?["window_end_ms"] as? NSNumber).map { $0.int64Value > nowMs } ?? false
  }

  /// The last levels of a `kpi` topic.
  private static func path(_ value: Publication) -> (scope: KPIScope?, id: String, window: WindowKind?) {
    let path = value.topic.split(separator: "/").suffix(3).map(String.init)
    return (KPIScope(rawValue: path[0]), path[1], WindowKind(rawValue: path[2]))
  }

  /// The topic of a scalar: `…/tag/{scope}/{id}/{window}/{name}` beside `…/kpi/{scope}/{id}/{window}`.
  func tag(_ name: String, ofRecordOn topic: String) -> String {
    let path = topic.split(separator: "/").suffix(3).map(String.init)
    return topics.tag(site: site.id, scope: path[0], id: path[1], window: path[2], metric: name)
  }

  /// Sets the retained topic and its scalars, unless it shows these figures already.
  private func publish(_ record: KPIRecord, _ topic: String, leastRevision: Int64) {
    var figures = record
    figures.nowMs = record.isFinal ? record.window.endMs : record.window.startMs
    let digest = FNV1a(figures.json(revision: nil)).value
    let before = shown[topic].flatMap { $0.window.isSame(as: record.window) ? $0 : nil }
    if before?.digest == digest { return }
    let revision = max(leastRevision, (before?.revision ?? 0) + 1)
    shown[topic] = Shown(
      scope: record.scope, id: record.id, window: record.window, digest: digest, revision: revision,
      tags: shown[topic]?.tags ?? [])
    let payload = record.json(revision: revision)
    publishQueue.set(.kpi(topic, payload))
    if let kind = record.window.kind, let twin = namespace?.topic(record.scope, record.id, kind) {
      publishQueue.set(.kpi(twin, payload))
    }
    gauges?.set(record)
    // A SCADA system keeps a device for ever, and this id is used until the next rotation only.
    if record.scope != .worker || site.privacy.hasLastingIDs { observer?.observe(record) }
    if scalarTags { publishTags(of: record, topic) }
  }

  /// Publishes the figures as bare scalars. A scalar that has no value any more is emptied: a panel must not
  /// show the value of the last window.
  private func publishTags(of record: KPIRecord, _ topic: String) {
    guard let kind = record.window.kind else { return }
    func tag(_ name: String) -> String {
      topics.tag(
        site: site.id, scope: record.scope.rawValue, id: record.id, window: kind.rawValue, metric: name)
    }
    let tags = record.scalars
    for (name, text) in tags { publishQueue.set(.tag(tag(name), text)) }
    let names = Set(tags.map(\.name))
    for name in (shown[topic]?.tags ?? []).subtracting(names).sorted() { publishQueue.empty([tag(name)]) }
    shown[topic]?.tags = names
  }

  /// - Parameter logged: whether the record of a scope goes into the log when the broker has it.
  private func publish(_ closed: LiveWindows.Closed, open: Set<String>, logged: (KPIScope) -> Bool) {
    let window = closed.window.window
    guard let kind = window.kind else { return }
    let firstRevision = (window.endMs - window.startMs) / Self.revisionMs + 2
    var isComplete = true
    for record in closed.records {
      let key = FinalRow.Key(kind: kind, startMs: window.startMs, scope: record.scope, id: record.id)
      var figures = record
      figures.nowMs = window.endMs
      // Another name is no correction of a closed window.
      figures.place = nil
      let digest = Int64(bitPattern: FNV1a(figures.json(revision: nil)).value)
      let before = inFlight[key] ?? closed.published[key]
      let revision = before.map { $0.digest == digest ? $0.revision : $0.revision + 1 } ?? firstRevision
      if closed.isLatest, let topic = topic(of: record), !open.contains(topic) {
        // This id has no record in the next window yet: its topic shows the figures of the closed one.
        publish(record, topic, leastRevision: revision)
      }
      if before?.digest == digest { continue }
      lastReceipt += 1
      guard
        publishQueue.offer(
          .kpiFinal(
            topics.kpiFinal(
              site: site.id, scope: record.scope.rawValue, id: record.id, window: kind.rawValue),
            record.json(revision: revision)), receipt: Receipt(box: receipts, number: lastReceipt))
      else {
        // The window stays due: the remaining records go out in a later cycle.
        isComplete = false
        break
      }
      let row = FinalRow(key: key, revision: revision, digest: digest)
      awaited[lastReceipt] = FinalPublication(row: row, record: logged(record.scope) ? record : nil)
      inFlight[key] = row
      observer?.close(record)
    }
    if isComplete { live.settle(closed.window) }
  }

  /// Saves what the broker acknowledged; schedules what it refused for another attempt.
  private func settleReceipts(_ store: SiteStore, nowMs: Int64) throws {
    let answers = receipts.dequeue()
    for refusal in answers.refused {
      guard let row = awaited.removeValue(forKey: refusal.number)?.row else { continue }
      if inFlight[row.key] == row { inFlight[row.key] = nil }
      guard retryAtMs == nil else { continue }
      retryAtMs = nowMs + retryWaitMs
      retryWaitMs = min(2 * retryWaitMs, Self.lastRetryMs)
    }
    // A clock that was set back must not make the wait longer.
    if let due = retryAtMs, nowMs >= due || nowMs < due - Self.lastRetryMs {
      retryAtMs = nil
      live.unsettle()
    }
    let rows = answers.confirmed.compactMap { awaited.removeValue(forKey: $0) }
    guard !rows.isEmpty else { return }
    if answers.refused.isEmpty { retryWaitMs = Self.firstRetryMs }
    do {
      // Two days longer than any window can still be corrected.
      let span = site.kpi.latenessMs + 2 * 86_400_000
      try store.saveFinals(rows, dropBefore: nowMs - span, keeping: span)
    } catch {
      live.forgetEverything()
      inFlight.removeAll()
      throw error
    }
    for row in rows.map(\.row) where inFlight[row.key] == row { inFlight[row.key] = nil }
  }

  private func topic(of record: KPIRecord) -> String? {
    record.window.kind.map {
      topics.kpi(site: site.id, scope: record.scope.rawValue, id: record.id, window: $0.rawValue)
    }
  }
}
