package import AndonCore
import Synchronization

/// The current figures of sites, areas, lines and workstations for `/metrics`: what the retained topics show. Never
/// those of workers.
///
/// Bounded: `recordLimit` records a site, each with the figures of `metrics`.
package final class KPIGauges: Sendable {
  /// The most records of a site: 300 workstations with three windows are 900.
  package static let recordLimit = 1000

  /// The figures that a board about production shows.
  package static let metrics: [KPIMetric] = [
    .units, .unitsPerHour, .throughputPerHour, .utilization, .meanUtilization, .occupancy, .availability,
    .coverage, .workersPresent, .workersWorking, .targetUnits, .gapUnits, .pace, .forecastUnits,
    .targetTotalUnits, .stops, .microStops, .stop, .microStop, .unplannedStop,
  ]

  private struct Key: Hashable, Comparable {
    var scope: KPIScope
    var id: String
    var window: WindowKind

    static func < (left: Key, right: Key) -> Bool {
      (left.scope.rawValue, left.id, left.window.rawValue) < (
        right.scope.rawValue, right.id, right.window.rawValue
      )
    }
  }

  private struct Site {
    var records: [Key: KPIRecord] = [:]
    var leftOut: Set<Key> = []
  }

  private let sites = Mutex<[String: Site]>([:])

  package init() {}

  /// Forgets what an earlier cycle of a site set: the configuration may have changed.
  package func begin(site: String) { sites.withLock { $0[site] = Site() } }

  /// Forgets all other sites.
  package func keep(only listed: Set<String>) {
    sites.withLock { sites in sites = sites.filter { listed.contains($0.key) } }
  }

  /// Sets the figures of a record. Ignores workers and windows of no kind. O(1).
  package func set(_ record: KPIRecord) {
    guard record.scope != .worker, let kind = record.window.kind else { return }
    let key = Key(scope: record.scope, id: record.id, window: kind)
    sites.withLock { sites in
      let known = sites[record.siteID]?.records
      guard known?[key] != nil || (known?.count ?? 0) < Self.recordLimit else {
        if (sites[record.siteID]?.leftOut.count ?? 0) < Self.recordLimit {
          sites[record.siteID]?.leftOut.insert(key)
        }
        return
      }
      sites[record.siteID, default: Site()].records[key] = record
    }
  }

  /// Takes the figures away: their topic was emptied.
  package func remove(site: String, _ scope: KPIScope, _ id: String, _ kind: WindowKind) {
    sites.withLock { _ = $0[site]?.records.removeValue(forKey: Key(scope: scope, id: id, window: kind)) }
  }

  /// A value with its labels.
  package typealias Sample = (labels: [(String, String)], value: Double)

  /// The samples of one figure, by site, scope, id and window. A window that is over has none: its figures would
  /// otherwise stand still as if they were of now.
  package func samples(_ metric: KPIMetric, of listed: Set<String>, nowMs: Int64) -> [Sample] {
    samples(of: listed, nowMs: nowMs) { record in
      record[metric].map { scaled in
        (0..<metric.digits).reduce(Double(scaled)) { value, _ in value / 10 }
      }
    }
  }

  /// The quality of the same records.
  package func qualities(of listed: Set<String>, nowMs: Int64) -> [Sample] {
    samples(of: listed, nowMs: nowMs) { Double($0.quality.rawValue) }
  }

  /// How many records of each site have no samples, because there are too many of them.
  package func leftOut(of listed: Set<String>) -> [Sample] {
    sites.withLock { $0 }.filter { listed.contains($0.key) }.sorted { $0.key < $1.key }
      .map { ([("site", $0.key)], Double($0.value.leftOut.count)) }
  }

  private func samples(
    of listed: Set<String>, nowMs: Int64, _ value: (KPIRecord) -> Double?
  ) -> [Sample] {
    let sites = sites.withLock { $0 }
    return sites.filter { listed.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { site, figures in
      figures.records.sorted { $0.key < $1.key }.compactMap { key, record -> Sample? in
        guard nowMs < record.window.endMs, let value = value(record) else { return nil }
        return (
          [
            ("site", site), ("scope", key.scope.rawValue), ("id", key.id), ("window", key.window.rawValue),
          ], value
        )
      }
    }
  }
}
