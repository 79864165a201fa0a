package import AndonConfiguration
package import AndonCore
package import AndonIngest

/// Publishes a site's alarms on their retained topics and in the summary, and rejections as notices.
///
/// A transition is published at once, changed figures as often as `kpi.publish_interval` allows. If two model
/// versions of a camera are live, the topic shows the more urgent one.
package final class AlarmPublication {
  private let site: SiteSettings
  private let names: SiteNames
  private let topics: TopicNames
  private let observer: (any AlarmObserver)?
  private var changedSources: Set<Source> = []
  private var driftedCameras: Set<String> = []
  /// Monotonic: a step of the wall clock neither stops nor floods the topics.
  private var lastPublishedMs: Int64?
  private var notices = RejectNotices()
  /// The model versions of each camera, from which its drift topic is computed.
  private var versions: [String: Set<String>] = [:]
  private var isFirst = true

  private struct Source: Hashable {
    var alertClass: String
    var sourceID: String
  }

  package init(site: SiteSettings, topics: TopicNames, observer: (any AlarmObserver)? = nil) {
    self.site = site
    names = site.names
    self.topics = topics
    self.observer = observer
  }

  /// Records which alarms are due because of a commit.
  package func record(_ update: SiteEngine.Update) {
    for key in update.changedAlarms {
      changedSources.insert(Source(alertClass: key.rule.alertClass, sourceID: key.sourceID))
    }
    for key in update.driftedKeys {
      driftedCameras.insert(key.cameraID)
      versions[key.cameraID, default: []].insert(key.modelVersion)
    }
  }

  package func rejectNotice(_ rejection: Rejection, camera: String, nowMs: Int64) -> [UInt8]? {
    notices.notice(for: rejection, camera: camera, nowMs: nowMs)
  }

  /// Publishes everything again with the next call of `publishDue`.
  package func republish() { isFirst = true }

  /// Publishes what changed and is due.
  package func publishDue(
    _ engine: SiteEngine, to publishQueue: PublishQueue, nowMs: Int64, monotonicMs: Int64
  ) {
    if isFirst {
      isFirst = false
      for key in engine.detectors.keys {
        driftedCameras.insert(key.cameraID)
        versions[key.cameraID, default: []].insert(key.modelVersion)
      }
      for key in engine.machines.keys {
        changedSources.insert(Source(alertClass: key.rule.alertClass, sourceID: key.sourceID))
      }
      // The summary is published even when there is no alarm.
      publishSummary(engine, to: publishQueue, nowMs: nowMs)
    }
    let isTime = lastPublishedMs.map { monotonicMs - $0 >= site.kpi.publishIntervalMs } ?? true
    guard !changedSources.isEmpty || (!driftedCameras.isEmpty && isTime) else { return }
    var due = changedSources
    if isTime {
      for camera in driftedCameras { due.insert(Source(alertClass: "drift", sourceID: camera)) }
      driftedCameras.removeAll(keepingCapacity: true)
      lastPublishedMs = monotonicMs
    }
    for source in due { publish(source, engine, to: publishQueue, nowMs: nowMs) }
    if !changedSources.isEmpty { publishSummary(engine, to: publishQueue, nowMs: nowMs) }
    changedSources.removeAll(keepingCapacity: true)
    publishQueue.flush()
  }

  private func publish(_ source: Source, _ engine: SiteEngine, to publishQueue: PublishQueue, nowMs: Int64) {
    guard let record = AlarmRecord.worst(of: records(source, engine, nowMs: nowMs)) else { return }
    publishQueue.set(
      .json(
        topics.alert(site: site.id, class: source.alertClass, source: record.machine.key.topicSource),
        record.named(by: names).json(), schema: "alert/1", retain: true))
    observer?.observe(record)
  }

  private func records(_ source: Source, _ engine: SiteEngine, nowMs: Int64) -> [AlarmRecord] {
    let rules = AlarmRule.allCases.filter { $0.alertClass == source.alertClass }
    return rules.flatMap { rule -> [AlarmRecord] in
      guard DriftDetector.rules.contains(rule) || rule == .versionRegression else {
        let version = rule == .siteModel ? source.sourceID : ""
        let key = AlarmKey(rule: rule, sourceID: source.sourceID, modelVersion: version)
        return engine.machines[key].map { [AlarmRecord(siteID: site.id, machine: $0, nowMs: nowMs)] } ?? []
      }
      return (versions[source.sourceID] ?? []).compactMap { version in
        record(rule, DriftKey(cameraID: source.sourceID, modelVersion: version), engine, nowMs: nowMs)
      }
    }
  }

  /// The alarm with current figures. A camera that never had an alarm shows `drift` only.
  private func record(
    _ rule: AlarmRule, _ key: DriftKey, _ engine: SiteEngine, nowMs: Int64
  ) -> AlarmRecord? {
    let alarm = AlarmKey(rule: rule, key: key)
    let detector = engine.detector(key)
    let measure = DriftDetector.rules.contains(rule) ? detector?.measure(of: rule) : nil
    guard
      var machine = engine.machines[alarm]
        ?? (rule == .confidenceLow ? measure.map { AlarmStateMachine(key: alarm, measure: $0) } : nil)
    else { return nil }
    if let measure { machine.measure = measure }
    if machine.state == .normal, let last = detector?.lastSample {
      machine.isStale = nowMs - last.timestampMs > site.alarms.staleAfterMs
    }
    return AlarmRecord(siteID: site.id, machine: machine, nowMs: nowMs)
  }

  private func publishSummary(_ engine: SiteEngine, to publishQueue: PublishQueue, nowMs: Int64) {
    let records = engine.machines.values.map { AlarmRecord(siteID: site.id, machine: $0, nowMs: nowMs) }
    publishQueue.set(
      .json(
        topics.alertSummary(site: site.id),
        AlarmSummary(siteID: site.id, nowMs: nowMs, records: records).json(), schema: "alert_summary/1",
        retain: true))
    publishQueue.flush()
  }
}
