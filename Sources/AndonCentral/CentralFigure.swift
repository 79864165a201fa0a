/// A column of the table of figures. Its name is the figure's on the wire.
struct CentralFigure: Sendable, Hashable {
  var name: String
  /// Decimals; 0 for integers.
  var digits: Int

  var definition: String { "\(name) \(digits == 0 ? "bigint" : "numeric(18, \(digits))")" }

  /// Those of migration 1. A later figure needs a migration of its own that adds its column and replaces `ship_v1` and the
  /// views: released migrations do not change.
  static let first: [CentralFigure] = [
    ("elapsed_s", 3), ("working_s", 3), ("idle_s", 3), ("absent_s", 3), ("timed_out_s", 3), ("unknown_s", 3),
    ("occupied_s", 3), ("labor_s", 3), ("planned_s", 3), ("utilization_pct", 2), ("mean_utilization_pct", 2),
    ("occupancy_pct", 2), ("availability_pct", 2), ("coverage_pct", 2), ("units", 0), ("units_per_hour", 2),
    ("mean_units_per_hour", 2), ("throughput_per_hour", 2), ("workers_present", 0), ("workers_seen", 0),
    ("workers_working", 0), ("workers_idle", 0), ("target_units", 0), ("gap_units", 0), ("pace_pct", 2),
    ("forecast_units", 0), ("target_total_units", 0), ("takt_s", 3), ("stops", 0), ("micro_stops", 0),
    ("stop_s", 3), ("micro_stop_s", 3), ("unplanned_stop_s", 3),
  ].map(CentralFigure.init)

  /// All that the newest schema has.
  static let all = first
}
