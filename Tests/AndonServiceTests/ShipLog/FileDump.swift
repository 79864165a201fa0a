import GRDB

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonStore

/// All that a site's file holds, as lines of text, so that two files can be compared.
enum FileDump {
  /// The rows of the small tables, by table, and the counts of those that count by themselves.
  static func smallTables(_ store: SiteStore, without left: Set<String> = []) throws -> [String: [String]] {
    try store.database.read { db in
      var all: [String: [String]] = [:]
      for table in try SmallTables.names(db) where !left.contains(table) {
        let columns = try Row.fetchAll(db, sql: "PRAGMA table_info(\"\(table)\")").map {
          "quote(\"\($0["name"] as String)\")"
        }
        all[table] = try String.fetchAll(
          db, sql: "SELECT \(columns.joined(separator: " || '|' || ")) FROM \"\(table)\" ORDER BY 1")
      }
      all["sqlite_sequence"] = try String.fetchAll(
        db, sql: "SELECT name || '|' || seq FROM sqlite_sequence ORDER BY 1")
      return all
    }
  }

  static func events(_ store: SiteStore) throws -> Set<String> {
    try store.database.read { db in
      var all: Set<String> = []
      var rows = EventRows(db)
      try rows.visit(where: "1", []) {
        all.insert("\($0.names) \($0.stored)")
        return true
      }
      return all
    }
  }

  /// Figures from summaries, and from the events, as another process reads them: the one that writes may be a flush behind.
  static func figures(_ store: SiteStore, _ site: SiteSettings, fromMs: Int64) throws -> [String] {
    let store = try SiteStore.openForReading(path: store.path, siteID: store.siteID)
    return try [false, true].flatMap { recomputes in
      let query = KPIQuery(site: site, recomputes: recomputes)
      return try query.range(fromMs: fromMs, toMs: TestSite.nowMs, store, nowMs: TestSite.nowMs)
        .map { record in
          let values = record.values.map { "\($0.metric.rawValue)=\($0.scaled)" }
          return "\(recomputes) \(record.scope) \(record.id) \(record.quality.rawValue) \(values.sorted())"
        }.sorted()
    }
  }

  /// As `andon store check --all`.
  static func problems(_ store: SiteStore, _ site: SiteSettings) throws -> [String] {
    var problems = try store.integrityProblems()
    problems += try store.checkLog().problems
    problems += try store.damagedQuarters().map { "rows at \($0)" }
    problems += try store.auditAll(timeoutMs: site.ingest.stateTimeoutMs).mismatches.map { "\($0)" }
    problems += try store.checkFinalFigures().damaged
    if try !store.counters().isBalanced { problems.append("books") }
    return problems
  }

  /// The first lines in which two dumps differ.
  static func differences(_ one: [String: [String]], _ other: [String: [String]]) -> [String] {
    Set(one.keys).union(other.keys).sorted().flatMap { table -> [String] in
      let (left, right) = (Set(one[table] ?? []), Set(other[table] ?? []))
      return left.subtracting(right).sorted().prefix(2).map { "\(table) - \($0.prefix(300))" }
        + right.subtracting(left).sorted().prefix(2).map { "\(table) + \($0.prefix(300))" }
    }
  }
}
