import AndonConfiguration
import AndonCore
import AndonStore
import GRDB

/// Queries of a site's file that only the benchmarks need, over a connection of their own.
final class BenchmarkDatabase {
  private let database: DatabaseQueue

  init(path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    database = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Working and idle time of a range by SQL window functions over the rows: the obvious way without
  /// summaries.
  func sumBySQL(fromMs: Int64, toMs: Int64, timeoutMs: Int64) throws {
    try database.read { db in
      _ = try Row.fetchAll(
        db,
        sql: """
          SELECT kind, sum(min(next_ms - timestamp_ms, ?)) FROM (
            SELECT kind, timestamp_ms, accepted,
              lead(timestamp_ms, 1, ?) OVER (PARTITION BY worker ORDER BY timestamp_ms) AS next_ms
            FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ? AND accepted = 1)
          GROUP BY kind
          """, arguments: [timeoutMs, toMs, fromMs, toMs])
    }
  }

  /// The aggregators of the open hour and day, as the KPI publisher keeps them.
  func openAggregates(site: SiteSettings, nowMs: Int64) throws -> [WindowAggregator] {
    let calendars = SiteCalendars(site)
    let reader = WindowReader(siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs, damage: DamageLog())
    return try database.read { db in
      try [WindowKind.hour, .day].flatMap { calendars.windows($0, containing: nowMs) }
        .map { try reader.read($0, nowMs: nowMs, from: nil, db).aggregate }
    }
  }

  /// The size of the database including the write-ahead log.
  func sizeInBytes() throws -> Int64 {
    try database.read { db in
      let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      return try pages * (Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    }
  }
}
