import AndonConfiguration
import AndonCore
import GRDB

/// What a read of stops works with: one snapshot, and what was read before.
struct StopReading {
  let calendars: SiteCalendars
  let finals: FinalFigures
  let path: String
  let db: Database
  var reader: StationReader
  var shifts: ShiftCache
  /// Read once: a question about many windows has the same.
  var stations: [StopQuery.Station]?

  /// - Parameters:
  ///   - known: What was read before, of this snapshot.
  ///   - ignoresSummaries: Read the events, for a recompute.
  init(
    _ site: SiteSettings, _ calendars: SiteCalendars, _ db: Database, path: String, _ damage: DamageLog,
    isInProcess: Bool = false, known: StationCache.Contents = StationCache.Contents(),
    ignoresSummaries: Bool = false
  ) throws {
    (self.calendars, self.db, self.path, shifts) = (calendars, db, path, known.shifts)
    finals = try FinalFigures(db, site: site.id, path: path)
    reader = try StationReader(
      timeoutMs: site.ingest.stateTimeoutMs, db, damage, isInProcess: isInProcess, cache: known.buckets,
      ignoresSummaries: ignoresSummaries)
  }

  /// Runs a body with what this process knows, and keeps what it reads for the next one.
  ///
  /// - Parameters:
  ///   - epoch: of `store.changes`, read before the snapshot was taken.
  ///   - ignoresSummaries: Read the events, and nothing that is known; for a recompute.
  static func with<Result>(
    _ site: SiteSettings, _ calendars: SiteCalendars, _ store: SiteStore, epoch: Int64,
    ignoresSummaries: Bool = false, _ db: Database, _ body: (inout StopReading) throws -> Result
  ) throws -> Result {
    guard store.isWriter, !ignoresSummaries else {
      var reading = try StopReading(
        site, calendars, db, path: store.path, store.damage, ignoresSummaries: ignoresSummaries)
      return try body(&reading)
    }
    var known = store.stations.contents(
      of: site, plan: try SiteStore.planChanges(db), store.changes, epoch: epoch,
      sequence: try SiteStore.sequence(db))
    var reading = try StopReading(
      site, calendars, db, path: store.path, store.damage, isInProcess: true, known: known)
    let result = try body(&reading)
    (known.buckets, known.shifts) = (reading.reader.cache, reading.shifts)
    store.stations.keep(known)
    return result
  }
}
