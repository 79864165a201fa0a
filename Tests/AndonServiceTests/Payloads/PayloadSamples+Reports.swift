@testable import AndonCore
@testable import AndonHTTP

extension PayloadSamples {
  /// Of reports, and of windows that are compared.
  static func reports() -> [Sample] {
    [
      shiftReport(), reportNotice(), reportHour(), compared(),
      list("compared_list") {
        .list(ListPayloads.compared, ("p", nowMs, .line, "l1"), [], nextCursor: $0)
      },
      list("report_hour_list") { .list(ListPayloads.reportHours, ("p", nowMs), [], nextCursor: $0) },
    ]
  }

  private static let fullHour = {
    let stop = Stop(
      workstationID: "S1", shiftID: "early", startMs: 1, endMs: 9, isOpen: false, durationMs: 8, kind: .idle,
      isMicro: false)
    let given = GivenReason(workstationID: "S1", startMs: 1, endMs: 9, reasonID: "x", by: "m", atMs: 9)
    let record = StopRecord(
      StopPart(stop, insideMs: 8, given: given), site: "p", SiteLayout(),
      StopReasons([StopReason(id: "x", name: "X")]), askAfterMs: 7)
    return ReportHour(
      startMs: 1, endMs: 9, units: 3, targetUnits: 5, totalGapUnits: -2, largest: record, largestMs: 8)
  }()

  private static let withheldHour = {
    var hour = ReportHour(startMs: 1, endMs: 9, units: nil, targetUnits: nil, totalGapUnits: nil)
    hour.isWithheld = true
    return hour
  }()

  private static func reportHour() -> Sample {
    let bare = ReportHour(startMs: 1, endMs: 9, units: nil, targetUnits: nil, totalGapUnits: nil)
    return Sample(schema: "report_hour", full: [fullHour.json, withheldHour.json], bare: bare.json)
  }

  private static func compared() -> Sample {
    let (full, bare) = kpiRecords()
    // Every difference is negative.
    var larger = full
    larger.values = full.values.map { KPIRecord.Value(metric: $0.metric, scaled: $0.scaled + 1) }
    var station = full
    (station.workstationID, station.source) = ("S1", .final)
    station = station.named(by: names)
    station.place?.name = "Press 1"
    return Sample(
      schema: "compared",
      full: [full, full.withheld, station].map { ComparedWindow($0, after: larger).json },
      bare: ComparedWindow(bare, after: nil).json)
  }

  private static func reportNotice() -> Sample {
    let notice = ReportNotice(fullReport().full, revision: 2)
    let gone = ReportNotice(
      withdrawing: notice.key, shift: "early", endMs: nowMs, site: "p", revision: 3, nowMs: nowMs)
    return Sample(schema: "report_notice", full: [notice.json, gone.json], bare: nil)
  }

  private static func shiftReport() -> Sample {
    let (full, bare) = fullReport()
    return Sample(schema: "shift_report", full: [full.json], bare: bare.json)
  }

  private static func fullReport() -> (full: ShiftReport, bare: ShiftReport) {
    let window = Window(kind: .shift, startMs: 1, endMs: nowMs, shiftID: "early")
    let record = KPIRecord(
      siteID: "p", scope: .line, id: "l1", window: window, nowMs: nowMs, values: [], state: nil,
      workstationID: nil, lastEventMs: nil, quality: .noData)
    var full = ShiftReport(record)
    full.hours = [fullHour, withheldHour]
    full.pareto = [StopParetoRow(id: "x", stops: 2, stopMs: 1500, share: 10_000, cumulative: 10_000)]
    full.alerts = [ReportAlert(alertID: "p/drift/cam-01", calls: 2, firstMs: 1, lastMs: 5)]
    full.gaps = [ReportGap(cause: "sequence", cameraID: "cam-01", fromMs: 1, toMs: 5)]
    return (full, ShiftReport(record))
  }
}
