import AndonCore
import Synchronization

/// One site's recompute-and-publish, with the revision of each topic.
final class KPIRound: Sendable {
  private struct Revision {
    var windowStartMs: Int64
    var revision: Int64
  }

  private let site: SiteSettings
  private let topics: TopicNames
  private let scalarTags: Bool
  private let outgoing: Outgoing
  private let revisions = Mutex<[String: Revision]>([:])

  init(site: SiteSettings, topics: TopicNames, scalarTags: Bool, outgoing: Outgoing) {
    self.site = site
    self.topics = topics
    self.scalarTags = scalarTags
    self.outgoing = outgoing
  }

  func publish(_ store: SiteStore, nowMs: Int64) throws {
    let records = try KPIQuery(site: site).openWindows(store, nowMs: nowMs)
    outgoing.set(
      .json(topics.metaKPI(site: site.id), KPIDefinition.metaJSON(), schema: "meta/1", retain: true))
    for record in records {
      guard let kind = record.window.kind else { continue }
      let topic = topics.kpi(
        site: site.id, scope: record.scope.rawValue, id: record.id, window: kind.rawValue)
      outgoing.set(.kpi(topic, record.json(revision: nextRevision(topic, record.window.startMs))))
      guard scalarTags else { continue }
      for metric in record.metrics {
        outgoing.set(
          .tag(
            topics.tag(
              site: site.id, scope: record.scope.rawValue, id: record.id, window: kind.rawValue,
              metric: metric.name), metric.text))
      }
    }
    outgoing.flush()
  }

  /// Counts what was published of a window; a new window starts again at 1.
  private func nextRevision(_ topic: String, _ windowStartMs: Int64) -> Int64 {
    revisions.withLock { revisions in
      var entry = revisions[topic] ?? Revision(windowStartMs: windowStartMs, revision: 0)
      if entry.windowStartMs != windowStartMs { entry = Revision(windowStartMs: windowStartMs, revision: 0) }
      entry.revision += 1
      revisions[topic] = entry
      return entry.revision
    }
  }
}
