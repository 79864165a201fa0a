import AndonConfiguration
import AndonCore
import AndonStore

extension KPIPublishCycle {
  /// At a site that replaces workers' ids: empties the topics of workers whose windows are over, and once, at the start,
  /// those that an earlier process left at the broker, with other pseudonyms or with ids.
  func withdrawWorkers(_ store: SiteStore, open: Set<String>, nowMs: Int64) throws {
    let oldestMs = nowMs - site.kpi.latenessMs
    for (topic, value) in shown
    where value.scope == .worker && value.window.endMs < oldestMs && !open.contains(topic) {
      publishQueue.empty([topic] + value.tags.map { tag($0, ofRecordOn: topic) })
      shown[topic] = nil
    }
    guard isFirst else { return }
    for name in try store.names(endingAfter: nowMs - Self.expiryMs) where name.kind == .worker {
      for kind in WindowKind.allCases {
        let topic = topics.kpi(
          site: site.id, scope: KPIScope.worker.rawValue, id: name.text, window: kind.rawValue)
        guard shown[topic] == nil else { continue }
        let scalars = scalarTags ? Self.scalars.map { tag($0, ofRecordOn: topic) } : []
        publishQueue.empty([topic] + scalars)
      }
    }
  }

  /// All that `KPIRecord.scalars` may have.
  private static let scalars =
    KPIMetric.allCases.map(\.rawValue) + ["state", "workstation_id", "last_event_ms", "quality"]

  /// After that the broker has dropped a retained record itself.
  private static let expiryMs: Int64 = 7 * 86_400_000
}
