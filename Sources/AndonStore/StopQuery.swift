package import AndonConfiguration
package import AndonCore
import GRDB

/// Finds the stops of a site's workstations in its stored events, and their reasons: a function of the events, the
/// calendar, the journal of reasons and now, so that any order of arrival gives the same.
///
/// O(buckets × workers) of the shifts that overlap the range, mostly independent of the number of events; one shift at a
/// time in memory. For workstations that the configuration does not list, also the seven days before.
package struct StopQuery: Sendable {
  let site: SiteSettings
  private let configured: SiteCalendars

  package init(site: SiteSettings) { (self.site, configured) = (site, SiteCalendars(site)) }

  // MARK: Lists

  /// The stops that have a part in a range, by start and workstation, from one snapshot. Micro-stops are left out, and
  /// with `privacy.min_group` the stops of a workstation in a shift in which fewer workers were there.
  ///
  /// - Parameter workstations: Only of these; nil: of all.
  /// - Throws: `FiguresGone` when a shift in the range began before the oldest events that are kept.
  package func stops(
    overlapping range: Range<Int64>, of workstations: Set<String>? = nil, _ store: SiteStore, nowMs: Int64
  ) throws -> [StopPart] {
    try store.database.read { db in
      var reading = try StopReading(site, calendars(db), db, path: store.path, store.damage)
      return try stops(overlapping: range, of: workstations, &reading, nowMs: nowMs)
    }
  }

  /// The same for a process that asks again and again: with what it knows, and behind the newest events by at most the
  /// interval at which it writes summaries.
  func latestStops(overlapping range: Range<Int64>, _ store: SiteStore, nowMs: Int64) throws -> [StopPart] {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      try StopReading.with(site, calendars(db), store, epoch: epoch, db) { reading in
        try stops(overlapping: range, of: nil, &reading, nowMs: nowMs)
      }
    }
  }

  /// The same as the transaction sees it.
  package func stops(
    overlapping range: Range<Int64>, of workstations: Set<String>? = nil, in transaction: StoreTransaction,
    path: String, nowMs: Int64
  ) throws -> [StopPart] {
    let db = transaction.db
    var reading = try StopReading(site, calendars(db), db, path: path, transaction.damage)
    return try stops(overlapping: range, of: workstations, &reading, nowMs: nowMs)
  }

  func stops(
    overlapping range: Range<Int64>, of workstations: Set<String>?, _ reading: inout StopReading, nowMs: Int64
  ) throws -> [StopPart] {
    var parts: [StopPart] = []
    try visit(range, of: workstations, &reading, nowMs: nowMs) { shift, stations, reasons in
      for station in stations where !(1..<max(1, site.privacy.minGroup)).contains(station.workers) {
        let stops = station.stops.filter { !$0.isMicro }
        parts += zip(stops, reasons.given(for: stops)).compactMap { stop, given in
          let insideMs = stop.insideMs(range, of: shift)
          return insideMs > 0 ? StopPart(stop, insideMs: insideMs, given: given) : nil
        }
      }
    }
    return parts.sorted {
      ($0.stop.startMs, $0.stop.workstationID) < ($1.stop.startMs, $1.stop.workstationID)
    }
  }

  /// With the changes by command.
  private func calendars(_ db: Database) throws -> SiteCalendars {
    configured.changed(by: try SiteStore.planChanges(db))
  }

  /// The stops and micro-stops of each shift that overlaps a range, with the reasons that were given in it.
  ///
  /// - Parameter isForSums: Their kinds do not matter. That costs O(workers) of the buckets that changed, and not of the
  ///   whole shift.
  /// - Throws: `FiguresGone` when a shift in the range began before the oldest events that are kept.
  func visit(
    _ range: Range<Int64>, of workstations: Set<String>? = nil, isForSums: Bool = false,
    _ reading: inout StopReading, nowMs: Int64,
    _ body: (StopShift, [StationStops], StopReasons) throws -> Void
  ) throws {
    guard reading.calendars.hasShifts else { return }
    let all = try reading.stations ?? stations(reading.db)
    reading.stations = all
    let stations = all.filter { workstations?.contains($0.id) ?? true }
    for place in reading.calendars.all.indices {
      let plan = try plan(place, reading.calendars, stations, range, reading.finals, nowMs: nowMs)
      guard !plan.stations.isEmpty else { continue }
      for shift in plan.shifts {
        let key = ShiftCache.Key(calendar: place, shift: shift, isForSums: isForSums)
        var found = reading.shifts.stations(of: key, nowMs: nowMs)
        if let all = found {
          found = workstations.map { asked in all.filter { asked.contains($0.id) } } ?? all
        }
        let stops = try found ?? stops(shift, plan.stations, isForSums, &reading.reader, nowMs: nowMs)
        if found == nil { reading.reader.forget(upTo: shift, nowMs: nowMs) }
        // Of some workstations only, it is of no use to others.
        if workstations == nil { reading.shifts.keep(stops, of: key, nowMs: nowMs) }
        let given = try SiteStore.givenReasons(overlapping: shift.startMs..<shift.endMs, reading.db)
        try body(shift, stops, StopReasons(site.stops.reasons, given: given))
      }
    }
  }

  // MARK: Shifts

  /// A workstation of the site.
  struct Station {
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

  /// The stops of a shift, of the workstations that take part in it.
  private func stops(
    _ shift: StopShift, _ stations: [Station], _ isForSums: Bool, _ reader: inout StationReader, nowMs: Int64
  ) throws -> [StationStops] {
    let unlisted = Set(stations.lazy.filter { !$0.isListed }.compactMap(\.number))
    let seen = try unlisted.isEmpty ? [] : reader.seen(unlisted, in: shift.evidence(nowMs: nowMs))
    let present = stations.filter { $0.isListed || $0.number.map(seen.contains) ?? false }
    guard !present.isEmpty else { return [] }
    let range = shift.startMs..<max(shift.startMs, min(shift.endMs, nowMs))
    if isForSums { return try pauses(shift, present, in: range, &reader, nowMs: nowMs) }
    let timelines = try reader.timelines(in: range)
    return present.map { station in
      let timeline = timelines[station.id] ?? StationTimeline()
      let stops = StopFinder.stops(
        at: station.id, timeline.runs(in: range), in: shift, nowMs: nowMs, minMs: site.stops.minMs)
      return StationStops(id: station.id, stops: stops, workers: timeline.workers.count)
    }
  }
}
