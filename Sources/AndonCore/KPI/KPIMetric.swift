/// Every published figure, in the order in which it is written.
public enum KPIMetric: String, Sendable, CaseIterable {
  case elapsed = "elapsed_s"
  case working = "working_s"
  case idle = "idle_s"
  case absent = "absent_s"
  case timedOut = "timed_out_s"
  case unknown = "unknown_s"
  case occupied = "occupied_s"
  case labor = "labor_s"
  case planned = "planned_s"
  case utilization = "utilization_pct"
  case meanUtilization = "mean_utilization_pct"
  case occupancy = "occupancy_pct"
  case availability = "availability_pct"
  case coverage = "coverage_pct"
  case units
  case unitsPerHour = "units_per_hour"
  case meanUnitsPerHour = "mean_units_per_hour"
  case throughputPerHour = "throughput_per_hour"
  case workersPresent = "workers_present"
  case workersSeen = "workers_seen"
  case workersWorking = "workers_working"
  case workersIdle = "workers_idle"
  case targetUnits = "target_units"
  case gapUnits = "gap_units"
  case pace = "pace_pct"
  case forecastUnits = "forecast_units"
  case targetTotalUnits = "target_total_units"
  case takt = "takt_s"
  case stops
  case microStops = "micro_stops"
  case stop = "stop_s"
  case microStop = "micro_stop_s"
  case unplannedStop = "unplanned_stop_s"

  /// Decimals; 0 for integers.
  public var digits: Int {
    switch self {
    case .elapsed, .working, .idle, .absent, .timedOut, .unknown, .occupied, .labor, .planned, .takt, .stop,
      .microStop,
      .unplannedStop:
      3
    case .units, .workersPresent, .workersSeen, .workersWorking, .workersIdle, .targetUnits, .gapUnits,
      .forecastUnits, .targetTotalUnits, .stops, .microStops:
      0
    case .utilization, .meanUtilization, .occupancy, .availability, .coverage, .unitsPerHour,
      .meanUnitsPerHour,
      .throughputPerHour, .pace:
      2
    }
  }

  /// The least value.
  public var least: Int64 { self == .gapUnits ? Int64(Int32.min) : 0 }

  /// The most; nil for no bound. A pace may exceed 100 %.
  public var most: Int64? {
    switch self {
    case .utilization, .meanUtilization, .occupancy, .availability, .coverage: 100
    case .gapUnits: Int64(Int32.max)
    default: nil
    }
  }
}
