package import AndonConfiguration
package import AndonCore
import GRDB

/// Finds the stops of a site's workstations in its stored events: a function of the events, the calendar and now, so
/// that any order of arrival gives the same.
///
/// O(events of the shifts that overlap the range); one shift at a time in memory. For workstations that the
/// configuration does not list, also O(events of the seven days before).
package struct StopQuery: Sendable {
  private let site: SiteSettings
  private let configured: SiteCalendars

  package init(site: SiteSettings) { (self.site, configured) = (site, SiteCalendars(site)) }

  /// The stops that have a part in a range, by start and workstation, from one snapshot. Micro-stops are left out, and
  /// with `privacy.min_group` the stops of a workstation in a shift in which fewer workers were there.
  ///
  /// - Parameter workstations: Only of these; nil: of all.
  /// - Throws: `FiguresGone` when a shift in the range began before the oldest events that are kept.
  package func stops(
    overlapping range: Range<Int64>, of workstations: Set<String>? = nil, _ store: SiteStore, nowMs: Int64
  ) throws -> [StopPart] {
    try store.database.read { db in
      let calendars = configured.changed(by: try SiteStore.planChanges(db))
      guard calendars.hasShifts else { return [] }
      let finals = try FinalFigures(db, site: site.id, path: store.path)
      let stations = try stations(db).filter { workstations?.contains($0.id) ?? true }
      let plans = try calendars.all.indices.map { place in
        try plan(place, calendars, stations, range, finals, nowMs: nowMs)
      }
      let seen = try sightings(plans, range, store, nowMs: nowMs, db)
      var parts: [StopPart] = []
      for plan in plans where !plan.stations.isEmpty {
        for shift in plan.shifts {
          parts += try stops(shift, plan.stations, seen, nowMs: nowMs, db).compactMap { stop in
            let insideMs = shift.planned.durationMs(in: range.clamped(to: stop.startMs..<stop.endMs))
            return insideMs > 0 ? StopPart(stop, insideMs: insideMs) : nil
          }
        }
      }
      return parts.sorted {
        ($0.stop.startMs, $0.stop.workstationID) < ($1.stop.startMs, $1.stop.workstationID)
      }
    }
  }

  /// A workstation of the site.
  private struct Station {
    var id: String
    /// Nil for one that has no event yet.
    var number: Int32?
    /// The configuration names it: it takes part in every shift.
    var isListed: Bool
  }

  /// A calendar: its shifts that overlap the range, and the workstations that follow it.
  private struct Plan {
    var shifts: [StopShift]
    var stations: [Station]
  }

  private func stations(_ db: Database) throws -> [Station] {
    let listed = Set(site.workstations.keys).union(site.layout.lines.flatMap(\.workstations))
    var names = NameReader(db)
    var stations: [Station] = []
    for number in try Int64.fetchAll(
      db.cachedStatement(sql: "SELECT id FROM name WHERE kind = 'workstation'"))
    {
      let id = try names.text(number)
      stations.append(Station(id: id, number: Int32(number), isListed: listed.contains(id)))
    }
    let missing = listed.subtracting(stations.map(\.id))
    return stations + missing.map { Station(id: $0, number: nil, isListed: true) }
  }

  private func plan(
    _ place: Int, _ calendars: SiteCalendars, _ stations: [Station], _ range: Range<Int64>,
    _ finals: FinalFigures,
    nowMs: Int64
  ) throws -> Plan {
    let (calendar, lines) = calendars.all[place]
    let members = Set(lines.map(\.id))
    let own = stations.filter { station in
      site.layout.line(ofWorkstation: station.id).map { members.contains($0.id) } ?? (place == 0)
    }
    let windows = calendar.windows(
      .shift, endingAfter: range.lowerBound, upTo: range.upperBound + 2 * CivilTime.millisecondsPerDay
    ).filter { $0.startMs < min(range.upperBound, nowMs) }
    if !own.isEmpty, let gone = windows.first(where: finals.covers) { throw finals.gone(.stops, gone) }
    return Plan(shifts: windows.compactMap(StopShift.init), stations: own)
  }

  /// When workstations that are not listed had events; nil where none is needed.
  private func sightings(
    _ plans: [Plan], _ range: Range<Int64>, _ store: SiteStore, nowMs: Int64, _ db: Database
  ) throws -> StationSightings? {
    let evidence = plans.filter { plan in plan.stations.contains { !$0.isListed } }
      .flatMap { $0.shifts.map { $0.evidence(nowMs: nowMs) } }
    guard let fromMs = evidence.map(\.lowerBound).min(), let toMs = evidence.map(\.upperBound).max() else {
      return nil
    }
    return try StationSightings(in: fromMs..<toMs, db, store.damage)
  }

  private func stops(
    _ shift: StopShift, _ stations: [Station], _ seen: StationSightings?, nowMs: Int64, _ db: Database
  ) throws -> [Stop] {
    let evidence = shift.evidence(nowMs: nowMs)
    let present = stations.filter { station in
      station.isListed || station.number.map { seen?.contains($0, in: evidence) ?? false } ?? false
    }
    guard !present.isEmpty else { return [] }
    let range = shift.startMs..<min(shift.endMs, nowMs)
    let histories = try SiteStore.histories(
      fromMs: range.lowerBound, toMs: range.upperBound, timeoutMs: site.ingest.stateTimeoutMs, db)
    let timelines = StationTimeline.all(of: histories, in: range, timeoutMs: site.ingest.stateTimeoutMs)
    return present.flatMap { station -> [Stop] in
      let timeline = timelines[station.id] ?? StationTimeline()
      guard !(1..<max(1, site.privacy.minGroup)).contains(timeline.workers.count) else { return [] }
      return StopFinder.stops(
        at: station.id, timeline.runs(in: range), in: shift, nowMs: nowMs, minMs: site.stops.minMs
      ).filter { !$0.isMicro }
    }
  }
}
