package import AndonConfiguration
package import AndonCore
import GRDB

/// Reads the report of a shift of a line or of the site: a function of the events, the calendar, the targets, the reasons
/// and now, as each of its parts is.
///
/// O(a reading of the shift's figures, hours and stops).
package struct ShiftReportQuery: Sendable {
  private let site: SiteSettings
  private let scope: KPIScope
  private let id: String

  /// - Parameter line: nil: the site.
  package init(site: SiteSettings, line: SiteLayout.Line?) {
    self.init(site: site, scope: line == nil ? .site : .line, id: line?.id ?? site.id)
  }

  init(site: SiteSettings, scope: KPIScope, id: String) {
    (self.site, self.scope, self.id) = (site, scope, id)
  }

  private var line: SiteLayout.Line? { scope == .line ? site.layout.line(id) : nil }

  /// The shift of the line or site that contains an instant; without one, the last that ended in the seven days before.
  private func shift(atMs ms: Int64, _ calendars: SiteCalendars) -> SiteWindow? {
    calendars.windows(.shift, containing: ms).first { $0.has(scope, id: id) }
      ?? calendars.windows(.shift, endingAfter: ms - 7 * CivilTime.millisecondsPerDay, upTo: ms)
      .joined().filter { $0.has(scope, id: id) }.max { $0.window.endMs < $1.window.endMs }
  }

  /// Nil when there was no shift. From one snapshot: the hours add up to the shift.
  ///
  /// - Parameter atMs: an instant in the shift.
  /// - Throws: `FiguresGone` when its events are deleted: its stops are not known any more.
  package func report(_ store: SiteStore, atMs: Int64, nowMs: Int64) throws -> ShiftReport? {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let calendars = SiteCalendars(site).changed(by: try SiteStore.planChanges(db))
      guard let shift = shift(atMs: min(atMs, nowMs), calendars) else { return nil }
      return try report(of: shift, calendars, store, nowMs: nowMs, epoch: epoch, db)
    }
  }

  /// - Parameters:
  ///   - calendars: with the changes by command.
  ///   - epoch: of `store.changes`, read before the snapshot was taken.
  func report(
    of shift: SiteWindow, _ calendars: SiteCalendars, _ store: SiteStore, nowMs: Int64, epoch: Int64,
    _ db: Database
  ) throws -> ShiftReport? {
    let hours = hours(of: shift, calendars, nowMs: nowMs)
    let records = try KPIQuery(site: site, scopes: [scope], id: id)
      .records(store, windows: [shift] + hours, nowMs: nowMs, epoch: epoch, db)
    guard let figures = records.first(where: { $0.window.kind == .shift }) else { return nil }
    let (startMs, endMs) = (shift.window.startMs, shift.window.endMs)
    let parts = try StopReading.with(site, calendars, store, epoch: epoch, db) { reading in
      try StopQuery(site: site).stops(
        overlapping: startMs..<endMs, of: line.map { Set($0.workstations) }, &reading, nowMs: nowMs)
    }
    var report = ShiftReport(figures)
    report.hours = summed(hours, records.filter { $0.window.kind == nil }, parts)
    let longest = parts.sorted { ($1.insideMs, $0.stop.id) < ($0.insideMs, $1.stop.id) }
      .prefix(ShiftReport.stopLimit)
    report.stops = longest.sorted { ($0.stop.startMs, $0.stop.id) < ($1.stop.startMs, $1.stop.id) }
      .map { StopRecord($0, of: site) }
    report.stopsLeftOut = Int64(parts.count - report.stops.count)
    report.pareto = StopParetoRow.rows(parts, by: .reason, in: site.layout)
    report.alerts = try alerts(startMs..<min(endMs, nowMs + 1), db)
    report.gaps = try SiteStore.gaps(fromMs: startMs, toMs: min(endMs, nowMs), db)
      .filter(\.cause.mayMissEvents)
      .filter { $0.cameraID.isEmpty || line?.cameras.contains($0.cameraID) ?? true }
      .map {
        ReportGap(
          cause: $0.cause.rawValue, cameraID: $0.cameraID.isEmpty ? nil : $0.cameraID,
          fromMs: max(startMs, $0.fromMs), toMs: min(endMs, $0.toMs))
      }
    return report
  }

  /// The hours of the wall clock that have begun, cut at the ends of the shift.
  private func hours(of shift: SiteWindow, _ calendars: SiteCalendars, nowMs: Int64) -> [SiteWindow] {
    let (startMs, endMs) = (shift.window.startMs, shift.window.endMs)
    let elapsedMs = max(startMs, min(endMs, nowMs))
    return calendars.windows(.hour, endingAfter: startMs, upTo: elapsedMs + CivilTime.millisecondsPerDay)
      .joined().map { ($0.window.startMs..<$0.window.endMs).clamped(to: startMs..<endMs) }
      .filter { $0.lowerBound < elapsedMs && !$0.isEmpty }
      .map { calendars.window(fromMs: $0.lowerBound, toMs: $0.upperBound, untilMs: nowMs) }
  }

  private func summed(
    _ windows: [SiteWindow], _ records: [KPIRecord], _ parts: [StopPart]
  ) -> [ReportHour] {
    let figures = Dictionary(records.map { ($0.window.startMs, $0) }) { first, _ in first }
    var total: Int64 = 0
    return windows.compactMap { window in
      guard let record = figures[window.window.startMs] else { return nil }
      let (units, target) = (record.isWithheld ? nil : record[.units] ?? 0, record[.targetUnits])
      if let units, let target { total += units - target }
      let hour = window.window.startMs..<window.window.endMs
      let losses = parts.map { part in (part, lost(part.stop, in: hour, window)) }.filter { $0.1 > 0 }
      let largest = losses.max { ($0.1, $1.0.stop.id) < ($1.1, $0.0.stop.id) }
      var row = ReportHour(
        startMs: hour.lowerBound, endMs: hour.upperBound, units: units, targetUnits: target,
        totalGapUnits: target == nil ? nil : total, largest: largest.map { StopRecord($0.0, of: site) },
        largestMs: largest?.1 ?? 0)
      row.isWithheld = record.isWithheld
      return row
    }
  }

  /// Planned time of a stop inside an hour.
  private func lost(_ stop: Stop, in hour: Range<Int64>, _ window: SiteWindow) -> Int64 {
    let part = hour.clamped(to: stop.startMs..<stop.endMs)
    return window.planned(at: stop.workstationID)?.durationMs(in: part) ?? 0
  }

  /// The alerts that called in the range; of a line, those of its cameras and workstations and its own.
  private func alerts(_ range: Range<Int64>, _ db: Database) throws -> [ReportAlert] {
    let rows = try SiteStore.alarmHistory(
      fromMs: range.lowerBound, toMs: range.upperBound, limit: 10_000, db
    )
    .filter(\.page)
    let sources = line.map { Set($0.workstations + $0.cameras + [$0.id]) }
    return Dictionary(grouping: rows, by: \.alertID).filter { alertID, _ in
      sources?.contains(alertID.split(separator: "/").last.map(String.init) ?? "") ?? true
    }.map { alertID, rows in
      ReportAlert(
        alertID: alertID, calls: Int64(rows.count), firstMs: rows.map(\.atMs).min() ?? 0,
        lastMs: rows.map(\.atMs).max() ?? 0)
    }.sorted { ($0.firstMs, $0.alertID) < ($1.firstMs, $1.alertID) }
  }
}
