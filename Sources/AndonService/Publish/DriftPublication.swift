import AndonCore

/// Turns the state of a site's drift rules into its retained alert topics, and rejections into notices, each
/// as often as the configuration allows.
final class DriftPublication {
  private let site: SiteSettings
  private let topics: TopicNames
  private var changed: Set<String> = []
  private var lastPublishedMs: Int64 = .min
  private var notices = RejectNotices()
  private var summary: [String: AlertRecord] = [:]
  private var revisions: [String: (state: AlertState, revision: Int64)] = [:]
  private var isFirst = true

  init(site: SiteSettings, topics: TopicNames) {
    self.site = site
    self.topics = topics
  }

  func noteChanged(_ keys: Set<DriftKey>) {
    for key in keys { changed.insert(key.cameraID) }
  }

  func rejectNotice(_ rejection: Rejection, camera: String, nowMs: Int64) -> [UInt8]? {
    notices.notice(for: rejection, camera: camera, nowMs: nowMs)
  }

  /// Publishes the alert of every camera whose rule moved, at most once per `kpi.publish_interval`.
  func publishDue(_ rules: [DriftKey: ConfidenceLowRule], to outgoing: Outgoing, nowMs: Int64) {
    if isFirst {
      for key in rules.keys { changed.insert(key.cameraID) }
      isFirst = false
    }
    guard !changed.isEmpty, nowMs - max(lastPublishedMs, nowMs - 86_400_000) >= site.kpi.publishIntervalMs
    else {
      return
    }
    lastPublishedMs = nowMs
    var byCamera: [String: [AlertRecord]] = [:]
    for (key, rule) in rules where changed.contains(key.cameraID) {
      byCamera[key.cameraID, default: []].append(AlertRecord(site: site, key: key, rule: rule, nowMs: nowMs))
    }
    for (camera, records) in byCamera {
      guard var record = AlertRecord.worst(of: records) else { continue }
      record.revision = revision(of: camera, state: record.state)
      summary[camera] = record
      outgoing.set(
        .json(
          topics.alert(site: site.id, class: "drift", source: camera), record.json(), schema: "alert/1",
          retain: true))
    }
    changed.removeAll(keepingCapacity: true)
    outgoing.set(
      .json(
        topics.alertSummary(site: site.id),
        AlertSummary(siteID: site.id, nowMs: nowMs, records: Array(summary.values)).json(),
        schema: "alert_summary/1", retain: true))
    outgoing.flush()
  }

  /// Counts the states a camera's alert went through since the bridge started.
  private func revision(of camera: String, state: AlertState) -> Int64 {
    var entry = revisions[camera] ?? (state, 1)
    if entry.state != state { entry = (state, entry.revision + 1) }
    revisions[camera] = entry
    return entry.revision
  }
}
