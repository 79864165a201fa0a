import AndonCore

/// A column of the table of `andon kpi`: the figures that people look for first, durations as h:mm:ss.
struct KPITableColumn: Sendable {
  let title: String
  let text: @Sendable (KPIRecord) -> String

  /// Those of the target stand where a record has one.
  static func of(_ scope: KPIScope, _ records: [KPIRecord]) -> [KPITableColumn] {
    let targets: [KPIMetric] = [.targetUnits, .gapUnits, .pace, .forecastUnits, .targetTotalUnits]
    let known = targets.filter { metric in records.contains { $0[metric] != nil } }
    return all(scope).dropLast() + figures(known) + [quality]
  }

  private static func all(_ scope: KPIScope) -> [KPITableColumn] {
    switch scope {
    case .worker:
      [id, state] + times([.working, .idle, .absent, .timedOut]) + figures([.utilization, .availability])
        + figures([.coverage, .units, .unitsPerHour]) + [quality]
    case .workstation:
      [id] + times([.working, .idle, .occupied, .labor]) + figures([.utilization, .occupancy])
        + figures([.units, .unitsPerHour, .throughputPerHour, .workersPresent]) + [quality]
    case .line, .area:
      [id] + times([.working, .idle, .occupied]) + figures([.utilization, .occupancy, .availability])
        + figures([.units, .unitsPerHour, .throughputPerHour, .workersPresent]) + [quality]
    case .site:
      [id] + times([.working, .idle, .absent]) + figures([.utilization, .availability, .coverage])
        + figures([.units, .unitsPerHour, .throughputPerHour, .workersSeen, .workersWorking]) + [quality]
    }
  }

  private static let id = KPITableColumn(title: "id") { $0.id }
  private static let state = KPITableColumn(title: "state") { record in
    guard let state = record.state else { return "–" }
    return record.workstationID.map { "\(state.rawValue) @ \($0)" } ?? state.rawValue
  }
  private static let quality = KPITableColumn(title: "quality") { record in
    if record.isWithheld { return "withheld" }
    return switch record.quality {
    case .good: "good"
    case .uncertain: "uncertain"
    case .stale: "stale"
    case .noData: "no data"
    }
  }

  private static func times(_ metrics: [KPIMetric]) -> [KPITableColumn] {
    metrics.map { metric in
      KPITableColumn(title: String(metric.rawValue.dropLast(2))) { record in
        record[metric].map(duration) ?? "–"
      }
    }
  }

  private static func figures(_ metrics: [KPIMetric]) -> [KPITableColumn] {
    metrics.map { metric in
      KPITableColumn(title: metric.rawValue.replacing("_pct", with: " %").replacing("_per_hour", with: "/h"))
      {
        record in record.metrics.first { $0.name == metric.rawValue }?.text ?? "–"
      }
    }
  }

  /// Milliseconds as h:mm:ss, rounded down.
  private static func duration(_ ms: Int64) -> String {
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = ms / 1000
    return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}
