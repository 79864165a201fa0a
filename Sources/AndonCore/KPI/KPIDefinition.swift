/// The meaning of a figure, for the `meta/kpi` topic: panels label and scale their tags with it.
public struct KPIDefinition: Sendable {
  public let metric: KPIMetric
  /// The unit in UCUM (Unified Code for Units of Measure).
  public let ucum: String
  /// The unit in UN/CEFACT Recommendation 20.
  public let unCefact: String
  public let formula: String
  /// The name in ISO 22400-2, if it has one.
  public let iso22400: String?

  public static let all: [KPIDefinition] = KPIMetric.allCases.map(KPIDefinition.init)

  init(_ metric: KPIMetric) {
    self.metric = metric
    (ucum, unCefact) = Self.unit(of: metric)
    formula = Self.formula(of: metric)
    iso22400 =
      switch metric {
      case .utilization: "utilization efficiency"
      case .availability: "worker efficiency"
      case .throughputPerHour: "throughput rate"
      default: nil
      }
  }

  private static func unit(of metric: KPIMetric) -> (String, String) {
    switch metric.rawValue {
    case let name where name.hasSuffix("_s"): ("s", "SEC")
    case let name where name.hasSuffix("_pct"): ("%", "P1")
    case let name where name.hasSuffix("_per_hour"): ("/h", "HUR")
    default: ("1", "C62")
    }
  }

  private static func formula(of metric: KPIMetric) -> String {
    switch metric {
    case .elapsed: "min(now, window end) - window start"
    case .working:
      "worker: time in working; workstation: time with at least one worker working; line, area: sum of workstations; "
        + "site: sum of workers"
    case .idle:
      "worker: time in idle; workstation: occupied_s - working_s; line, area: sum of workstations; site: sum of workers"
    case .absent: "time in absent, timed_out_s included"
    case .timedOut: "time later than the state timeout after the last sign of life"
    case .unknown: "time before the first state"
    case .occupied: "time with at least one worker working or idle; line, area: sum of workstations"
    case .labor: "sum over workers of working and idle time"
    case .planned:
      "elapsed time inside a shift and outside its breaks; line, area: sum of workstations; site: times workers_seen"
    case .utilization:
      "worker, site: working_s / (working_s + idle_s); workstation, line, area: working_s / occupied_s"
    case .meanUtilization: "mean of the workers' utilization_pct"
    case .occupancy: "occupied_s / elapsed_s; line, area: / (elapsed_s times workstations)"
    case .availability: "working time inside planned time / planned_s"
    case .coverage: "(elapsed - timed out - unknown) / elapsed"
    case .units: "sum of count"
    case .unitsPerHour: "units / working hours"
    case .meanUnitsPerHour: "mean of the workers' units_per_hour"
    case .throughputPerHour: "workstation: units / occupied hours; line, area, site: units / elapsed hours"
    case .workersPresent: "workers working or idle here now"
    case .workersSeen: "workers with an event or a state in the window"
    case .workersWorking: "workers working now"
    case .workersIdle: "workers idle now"
    case .targetUnits: "elapsed planned hours times the target's units per hour"
    case .gapUnits: "units - target_units; negative: behind"
    case .pace: "units / target_units"
    case .forecastUnits:
      "units + units of the last planned hour / its planned time times the planned time that is left"
    case .targetTotalUnits: "planned hours of the whole window times the target's units per hour"
    case .takt: "time for one unit at the target's rate now"
    case .stops:
      "stops with a part in elapsed planned time: longer than stops.min without work; line, area, site: sum of workstations"
    case .microStops: "the same, not longer than stops.min"
    case .stop: "planned time in stops; line, area, site: sum of workstations"
    case .microStop: "planned time in micro-stops; line, area, site: sum of workstations"
    case .unplannedStop: "stop_s without the stops whose reason is planned"
    }
  }

  /// The object of the `meta/kpi` topic: one entry per metric.
  public static func metaJSON() -> [UInt8] { payload.json((), capacity: 4096) }
}

extension KPIDefinition {
  package static let payload = PayloadTable<Void>(
    "What each figure means: unit, range, formula and name.",
    all.map { definition in
      .required(definition.metric.rawValue, .object(PayloadTable(definition.formula, entry))) { definition }
    })

  private static let entry: [PayloadField<KPIDefinition>] = [
    .required("unit", .text("UCUM")) { $0.ucum },
    .required("unit_code", .text("UN/CEFACT")) { $0.unCefact },
    .required("digits", .count("Places behind the point")) { $0.metric.digits },
    .required("min", .integer("The least")) { $0.metric.least },
    .optional("max", .integer("The most")) { $0.metric.most },
    .required("formula", .text("How it is computed")) { $0.formula },
    .optional("iso22400", .text("Its name in ISO 22400-2")) { $0.iso22400 },
  ]
}
