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
    for name in try store.names(endingAfter: nowMs - Self.expiryMs)
    where name.kind == .worker && !ErasedName.isErased(name.text) {
      for (topic, scalars) in topics.figures(ofWorker: name.text, site: site.id) where shown[topic] == nil {
        publishQueue.empty([topic] + (scalarTags ? scalars : []))
      }
    }
  }

  /// After that the broker has dropped a retained record itself.
  private static let expiryMs: Int64 = 7 * 86_400_000
}
