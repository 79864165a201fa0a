/// What is told of a report on its topic: the report, and which telling of it this is.
package struct ReportNotice: Sendable {
  package var siteID: String
  package var key: ReportKey
  package var shiftID: String
  /// Epoch milliseconds.
  package var endMs: Int64
  /// Nil: there is no such shift any more.
  package var report: ShiftReport?
  /// 1 for the first telling of a report, one more for each change of it: a repeat has the same number.
  package var revision: Int64
  /// When this was true, epoch milliseconds.
  package var nowMs: Int64

  /// Of a report; `timestamp_ms` is when it was read.
  package init(_ report: ShiftReport, revision: Int64) {
    let figures = report.figures
    (siteID, key, endMs) = (figures.siteID, report.key, figures.window.endMs)
    shiftID = figures.window.shiftID ?? ""
    (self.report, self.revision, nowMs) = (report, revision, figures.nowMs)
  }

  /// That there is no such report any more.
  package init(
    withdrawing key: ReportKey, shift: String, endMs: Int64, site: String, revision: Int64, nowMs: Int64
  ) {
    (siteID, self.key, shiftID, self.endMs) = (site, key, shift, endMs)
    (self.revision, self.nowMs) = (revision, nowMs)
  }

  package static let payload = PayloadTable<ReportNotice>(
    "The report of a shift that is over, as it is told on its topic. One that is taken back has no contents.",
    .time { $0.nowMs },
    [
      .required("site_id", .identifier("The site")) { $0.siteID },
      .required("scope", .words("Of what", ["line", "site"])) { $0.key.scope.rawValue },
      .required("id", .identifier("The line or site")) { $0.key.id },
      .required("shift_id", .identifier("The shift")) { $0.shiftID },
      .required("start_ms", .instant("The first instant")) { $0.key.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.endMs },
      .required("rev", .count("1, and one more for each change; a repeat has the same")) { $0.revision },
      .optional("retracted", .flag("The calendar has no such shift any more; else absent")) {
        $0.report == nil ? true : nil
      },
    ], ShiftReport.contents.ifPresent { $0.report })

  package var json: [UInt8] { Self.payload.json(self, capacity: 8192) }
}
