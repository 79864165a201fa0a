package import AndonConfiguration
package import AndonCore
import GRDB

/// What workstations or a worker did over time: a function of the stored events, the calendar and now, so that any
/// order of arrival gives the same.
///
/// Whether an empty workstation is vacant or without data depends on where one begins to look. That is always the start
/// of the shift and, outside of shifts, of the day or the end of the shift before; never the start of the range.
///
/// O(buckets × workers) of the shifts and days that overlap the range, one of them at a time in memory; of a worker
/// O(events of the range).
package struct TimelineQuery: Sendable {
  private let site: SiteSettings
  private let configured: SiteCalendars

  package init(site: SiteSettings) { (self.site, configured) = (site, SiteCalendars(site)) }

  /// The rows of workstations, by workstation and then by time, from one snapshot. No item reaches over the end of a
  /// shift. Without items: workstations that the configuration does not list and that have no event, and with
  /// `privacy.min_group` those with fewer workers in the shift (or the time outside of shifts).
  ///
  /// - Parameter wanted: Only of these; nil: of all.
  /// - Throws: `FiguresGone` when a shift or day in the range began before the oldest events that are kept.
  package func workstations(
    _ wanted: Set<String>? = nil, in range: Range<Int64>, _ store: SiteStore, nowMs: Int64
  ) throws -> [TimelineItem] {
    try store.database.read { db in
      let calendars = configured.changed(by: try SiteStore.calendarChanges(db))
      let finals = try FinalFigures(db, site: site.id, path: store.path)
      let range = range.lowerBound..<max(range.lowerBound, min(range.upperBound, nowMs))
      let listed = site.listedWorkstations.filter { wanted?.contains($0) ?? true }
      var reader = try StationReader(timeoutMs: site.ingest.stateTimeoutMs, db, store.damage)
      var rows: [String: [TimelineItem]] = [:]
      for (place, plan) in calendars.all.enumerated() where !range.isEmpty {
        let members = Set(plan.lines.map(\.id))
        func isMember(_ station: String) -> Bool {
          site.layout.line(ofWorkstation: station).map { members.contains($0.id) } ?? (place == 0)
        }
        // Nothing to read for a calendar that none of the wanted workstations follows.
        guard wanted?.contains(where: isMember) ?? true else { continue }
        let own = listed.filter(isMember)
        for piece in Self.pieces(of: plan.calendar, in: range) {
          try check(piece, finals)
          let whole = piece.lowerBound..<min(piece.upperBound, nowMs)
          let timelines = try reader.timelines(in: whole)
          reader.forget(before: whole.upperBound, stationsBefore: whole.upperBound)
          for station in own.union(timelines.keys.filter { isMember($0) && wanted?.contains($0) ?? true }) {
            let timeline = timelines[station] ?? StationTimeline()
            guard !(1..<max(1, site.privacy.minGroup)).contains(timeline.workers.count) else { continue }
            rows[station, default: []] += TimelineItem.items(
              at: station, timeline, timeline.runs(in: whole), in: range)
          }
        }
      }
      return rows.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }

  /// What a worker did, in order of time, from one snapshot; empty for one who is not known, and with
  /// `privacy.workers: off`.
  ///
  /// - Throws: `FiguresGone` when the range begins before the oldest events that are kept.
  package func worker(
    _ id: String, in range: Range<Int64>, _ store: SiteStore, nowMs: Int64
  ) throws -> [TimelineItem] {
    let range = range.lowerBound..<max(range.lowerBound, min(range.upperBound, nowMs))
    guard !range.isEmpty, !id.isEmpty, site.privacy.showsWorkers else { return [] }
    return try store.database.read { db in
      try check(range, try FinalFigures(db, site: site.id, path: store.path))
      let histories = try SiteStore.histories(
        fromMs: range.lowerBound, toMs: range.upperBound, timeoutMs: site.ingest.stateTimeoutMs, db)
      guard let own = histories.first(where: { $0.workerID == id }) else { return [] }
      return TimelineItem.items(of: own, in: range, timeoutMs: site.ingest.stateTimeoutMs)
    }
  }

  /// The shifts that overlap a range, whole, and between them what is outside of shifts, day by day; in order of time.
  private static func pieces(of calendar: SiteCalendar, in range: Range<Int64>) -> [Range<Int64>] {
    func windows(_ kind: WindowKind) -> [Range<Int64>] {
      calendar.windows(
        kind, endingAfter: range.lowerBound, upTo: range.upperBound + 2 * CivilTime.millisecondsPerDay
      ).map { $0.startMs..<$0.endMs }.filter { $0.overlaps(range) }
    }
    let days = windows(.day)
    guard let firstMs = days.first?.lowerBound else { return [] }
    // Also those before the range: the time after them begins at their end.
    let shifts = calendar.windows(
      .shift, endingAfter: firstMs, upTo: range.upperBound + 2 * CivilTime.millisecondsPerDay
    ).map { $0.startMs..<$0.endMs }
    var pieces = shifts
    for day in days {
      var startMs = day.lowerBound
      for shift in shifts where shift.overlaps(day) {
        if startMs < shift.lowerBound { pieces.append(startMs..<shift.lowerBound) }
        startMs = max(startMs, shift.upperBound)
      }
      if startMs < day.upperBound { pieces.append(startMs..<day.upperBound) }
    }
    return pieces.filter { $0.overlaps(range) }.sorted { $0.lowerBound < $1.lowerBound }
  }

  private func check(_ piece: Range<Int64>, _ finals: FinalFigures) throws {
    let window = Window(fromMs: piece.lowerBound, toMs: piece.upperBound, planned: nil)
    if finals.covers(window) { throw finals.gone(.timeline, window) }
  }
}
