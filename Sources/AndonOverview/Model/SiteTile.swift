package import AndonCore

/// What a page shows of one site.
package struct SiteTile: Sendable, Hashable {
  package let key: FleetKey
  package let broker: String
  package var state: SiteState
  package var reason: StateReason
  /// In words, where the bridge or the broker said more.
  package var detail: String?
  package var name: String
  package var timeZone: String?
  package var bridge: String?
  package var seenMs: Int64?
  package var figures: FleetFigures?
  package var active = 0
  package var unacked = 0
  package var severity: Int64 = 0
  /// Open alerts of the site that are not in the list.
  package var alertsMissing = 0
  package var dashboard: String?

  /// What must be shown at once, unlike the figures.
  struct Pressing: Hashable {
    var state: SiteState
    var reason: StateReason
    var detail: String?
    var name: String
    var counts: [Int]
  }

  var pressing: Pressing {
    Pressing(
      state: state, reason: reason, detail: detail, name: name,
      counts: [active, unacked, Int(severity), alertsMissing])
  }

  /// Where the tile stands when the worst come first: small, so that thousands can be sorted.
  package var place: TilePlace {
    TilePlace(
      rank: state.rank, severity: severity, pace: state == .behind ? figures?.pace ?? .max : 0, name: name,
      key: key)
  }

  package static let payload = PayloadTable<SiteTile>(
    "A site as the overview knows it.",
    [
      .required("site_id", .identifier("The site")) { $0.key.site },
      .required("broker", .identifier("The broker that it was read from")) { $0.broker },
      .required("name", .text("For people; its id if it has none")) { $0.name },
      .required("state", .word("The worst that is true of it")) { $0.state },
      .required("reason", .word("Why")) { $0.reason },
      .optional("detail", .text("Why, in words")) { $0.detail },
      .optional("time_zone", .text("IANA")) { $0.timeZone },
      .optional("bridge_id", .identifier("The bridge that serves it")) { $0.bridge },
      .optional("seen_ms", .instant("When its newest figures came")) { $0.seenMs },
      .required("alerts_active", .count("Alerts that hold")) { $0.active },
      .required("alerts_unacked", .count("Alerts that wait for an acknowledgement")) { $0.unacked },
      .required("severity", .count("Of its worst open alert; 0 without one", most: 1000)) { $0.severity },
      .optional("alerts_missing", .count("Open alerts that are not in the list of alerts")) {
        $0.alertsMissing > 0 ? $0.alertsMissing : nil
      },
      .optional("dashboard", .text("Its own page")) { $0.dashboard },
    ], window.ifPresent { $0.figures }, figures.ifPresent { $0.figures })

  private static let window: [PayloadField<FleetFigures>] = [
    .required("window", .word("Which window the figures are of")) { $0.window },
    .optional("shift_id", .text("The shift")) { $0.shiftID },
    .required("window_start_ms", .instant("The first instant")) { $0.startMs },
    .required("window_end_ms", .instant("The first instant no longer in it")) { $0.endMs },
    .required("timestamp_ms", .instant("When the bridge computed them")) { $0.timestampMs },
    .required("quality", .integer("192 good, 64 uncertain, 500 stale, 0 no data")) { $0.quality },
    .optional("withheld", .flag("True: of too few workers to be shown")) { $0.isWithheld ? true : nil },
  ]

  private static let figures: [PayloadField<FleetFigures>] = [
    percent("utilization_pct", "Utilization") { $0.utilization },
    percent("coverage_pct", "Coverage") { $0.coverage },
    percent("pace_pct", "Units of the target until now") { $0.pace },
    whole("units", "Units") { $0.units }, whole("target_units", "Target until now") { $0.targetUnits },
    whole("gap_units", "Units minus target") { $0.gapUnits },
    whole("forecast_units", "Forecast for the window") { $0.forecastUnits },
    whole("target_total_units", "Target of the window") { $0.targetTotalUnits },
    whole("workers_present", "Workers present") { $0.workersPresent },
    whole("workers_working", "Workers that work") { $0.workersWorking }, whole("stops", "Stops") { $0.stops },
    .optional("unplanned_stop_s", .decimal("Unplanned stops, seconds", digits: 3)) { $0.unplannedStopMs },
  ]

  private static func percent(
    _ name: String, _ help: String, _ value: @escaping @Sendable (FleetFigures) -> Int64?
  ) -> PayloadField<FleetFigures> {
    .optional(name, .difference(help + ", per cent", digits: 2), value)
  }

  private static func whole(
    _ name: String, _ help: String, _ value: @escaping @Sendable (FleetFigures) -> Int64?
  ) -> PayloadField<FleetFigures> {
    .optional(name, .integer(help), value)
  }
}
