/// What a line or a site made in a shift, and what it lost. Names no worker.
package struct ShiftReport: Sendable {
  /// The most stops in a report; the longest stay.
  package static let stopLimit = 200

  /// The figures of the shift, as on the `kpi` topic.
  package var figures: KPIRecord
  package var hours: [ReportHour] = []
  /// By start.
  package var stops: [StopRecord] = []
  package var stopsLeftOut: Int64 = 0
  /// By reason.
  package var pareto: [StopParetoRow] = []
  package var alerts: [ReportAlert] = []
  package var gaps: [ReportGap] = []

  package init(_ figures: KPIRecord) { self.figures = figures }

  package var key: ReportKey { ReportKey(figures.scope, figures.id, startMs: figures.window.startMs) }

  package static let payload = PayloadTable<ShiftReport>(
    "A shift of a line or a site: plan, actual, stops, alerts and gaps.", .time { $0.figures.nowMs },
    [
      .required("site_id", .identifier("The site")) { $0.figures.siteID },
      .required("scope", .words("Of what", ["line", "site"])) { $0.figures.scope.rawValue },
      .required("id", .identifier("The line or site")) { $0.figures.id },
      .required("shift_id", .identifier("The shift")) { $0.figures.window.shiftID ?? "" },
      .required("start_ms", .instant("The first instant")) { $0.figures.window.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.figures.window.endMs },
    ], contents)

  static let contents: [PayloadField<ShiftReport>] = [
    .required("final", .flag("The shift is over; late events may still correct it")) { $0.figures.isFinal },
    .required("figures", .encoded(as: "kpi")) { $0.figures.json(revision: nil) },
    .required("hours", .array(of: .object(ReportHour.payload))) { $0.hours },
    .required("stops", .array(of: .encoded(as: "stop"))) { report in
      report.stops.map { $0.json(nowMs: report.figures.nowMs) }
    },
    .required("stops_left_out", .count("Shorter stops that are not listed")) { $0.stopsLeftOut },
    .required("pareto", .array(of: .object(StopParetoRow.payload))) { $0.pareto },
    .required("alerts", .array(of: .object(ReportAlert.payload))) { $0.alerts },
    .required("gaps", .array(of: .object(ReportGap.payload))) { $0.gaps },
  ]

  /// A checksum of the report of a shift that is over, without when it was read and what people call the line: a
  /// difference is worth telling.
  package var face: Int64 {
    var report = self
    report.figures.nowMs = figures.window.endMs
    report.figures.place = nil
    var checksum = Checksum(domain: 0)
    checksum.add(report.json.span)
    return Int64(bitPattern: checksum.value)
  }

  package var json: [UInt8] { Self.payload.json(self, capacity: 8192) }
}
