package import AndonConfiguration
package import AndonCore
import GRDB

/// Finds the stops of a site's workstations in its stored events, and their reasons: a function of the events, the
/// calendar, the journal of reasons and now, so that any order of arrival gives the same.
///
/// O(buckets × workers) of the shifts that overlap the range, mostly independent of the number of events; one shift at a
/// time in memory. For workstations that the configuration does not list, also the seven days before.
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
      var reader = try StationReader(timeoutMs: site.ingest.stateTimeoutMs, db, store.damage)
      var known = ShiftCache()
      return try stops(
        overlapping: range, of: workstations, &reader, known: &known, path: store.path, nowMs: nowMs, db)
    }
  }

  /// The same as the transaction sees it.
  package func stops(
    overlapping range: Range<Int64>, of workstations: Set<String>? = nil, in transaction: StoreTransaction,
    path: String, nowMs: Int64
  ) throws -> [StopPart] {
    let db = transaction.db
    var reader = try StationReader(timeoutMs: site.ingest.stateTimeoutMs, db, transaction.damage)
    var known = ShiftCache()
    return try stops(
      overlapping: range, of: workstations, &reader, known: &known, path: path, nowMs: nowMs, db)
  }

  /// The same with what was read before.
  ///
  /// - Parameter known: of all workstations, if any are known.
  func stops(
    overlapping range: Range<Int64>, of workstations: Set<String>?, _ reader: inout StationReader,
    known: inout ShiftCache, path: String, nowMs: Int64, _ db: Database
  ) throws -> [StopPart] {
    let calendars = configured.changed(by: try SiteStore.planChanges(db))
    guard calendars.hasShifts else { return [] }
    let finals = try FinalFigures(db, site: site.id, path: path)
    let stations = try stations(db).filter { workstations?.contains($0.id) ?? true }
    var parts: [StopPart] = []
    for place in calendars.all.indices {
      let plan = try plan(place, calendars, stations, range, finals, nowMs: nowMs)
      guard !plan.stations.isEmpty else { continue }
      for shift in plan.shifts {
        let key = ShiftCache.Key(calendar: place, shift: shift)
        let found =
          try known.stops(of: key, nowMs: nowMs) ?? stops(shift, plan.stations, &reader, nowMs: nowMs)
        known.keep(found, of: key, nowMs: nowMs)
        parts += try self.parts(found, shift, range, db)
      }
    }
    return parts.sorted {
      ($0.stop.startMs, $0.stop.workstationID) < ($1.stop.startMs, $1.stop.workstationID)
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
    let listed = site.listedWorkstations
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

  /// The stops with a part in a range, with their reasons.
  ///
  /// - Parameter stops: all of the shift, by workstation.
  private func parts(
    _ stops: [[Stop]], _ shift: StopShift, _ range: Range<Int64>, _ db: Database
  ) throws -> [StopPart] {
    let reasons = StopReasons(
      site.stops.reasons,
      given: try SiteStore.givenReasons(overlapping: shift.startMs..<shift.endMs, db))
    return stops.flatMap { stops in
      zip(stops, reasons.given(for: stops)).compactMap { stop, given in
        let insideMs = shift.planned.durationMs(in: range.clamped(to: stop.startMs..<stop.endMs))
        return insideMs > 0 ? StopPart(stop, insideMs: insideMs, given: given) : nil
      }
    }
  }

  /// The stops of a shift by workstation.
  private func stops(
    _ shift: StopShift, _ stations: [Station], _ reader: inout StationReader, nowMs: Int64
  ) throws -> [[Stop]] {
    let unlisted = Set(stations.lazy.filter { !$0.isListed }.compactMap(\.number))
    let seen = try unlisted.isEmpty ? [] : reader.seen(unlisted, in: shift.evidence(nowMs: nowMs))
    let present = stations.filter { $0.isListed || $0.number.map(seen.contains) ?? false }
    guard !present.isEmpty else { return [] }
    let range = shift.startMs..<max(shift.startMs, min(shift.endMs, nowMs))
    let timelines = try reader.timelines(in: range)
    return present.map { station in
      let timeline = timelines[station.id] ?? StationTimeline()
      guard !(1..<max(1, site.privacy.minGroup)).contains(timeline.workers.count) else { return [] }
      return StopFinder.stops(
        at: station.id, timeline.runs(in: range), in: shift, nowMs: nowMs, minMs: site.stops.minMs
      ).filter { !$0.isMicro }
    }
  }
}
