package import AndonConfiguration
package import AndonCore
import GRDB

extension SiteStore {
  /// Measures a site's alerts in `[fromMs, toMs)` from the journal. O(rows of the journal before `toMs`), memory of the
  /// report.
  package func alarmReport(
    _ site: SiteSettings, fromMs: Int64, toMs: Int64, nowMs: Int64
  ) throws -> AlarmReport {
    let calendar = SiteCalendar(site)
    var report = AlarmReport(fromMs: fromMs, toMs: toMs) { String(calendar.localText($0).prefix(10)) }
    try database.read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT alert_id, coalesce(json_extract(record, '$.model_version'), ''), occurrence_id, event, page, noted_ms,
            count, json_extract(record, '$.state'),
            json_extract(record, '$.raised_ms') IS NOT NULL AND json_extract(record, '$.cleared_ms') IS NULL
          FROM alert_journal WHERE noted_ms < ? ORDER BY seq
          """, arguments: [toMs])
      while let row = try rows.next() {
        report.add(
          AlarmReportRow(
            alertID: row[0], modelVersion: row[1], occurrenceID: row[2], event: row[3], page: row[4],
            notedMs: row[5], count: row[6], state: row[7] ?? "", isRaised: row[8]))
      }
    }
    report.end(nowMs: nowMs)
    return report
  }
}
