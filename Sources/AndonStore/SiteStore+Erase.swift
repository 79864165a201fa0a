import AndonCore
import Foundation
import GRDB

/// What is left to do after the transaction of an erasure.
extension SiteStore {
  /// How a file stands after erasures.
  package struct ErasureState: Sendable, Hashable {
    /// Erased workers since the file was made, and how many events stayed without them.
    package var workers: Int64 = 0
    package var events: Int64 = 0
    /// Retained topics that the broker has not emptied yet. Their names are in the file until then.
    package var topics: [String] = []
    /// Erasures of which old copies may still be in the file.
    package var unswept: Int64 = 0
  }

  /// The erasures whose late events must stay out. O(erasures).
  package func erasures() throws -> [Erasure] {
    try database.read { db in
      try Row.fetchAll(
        db, sql: "SELECT at_ms, until_ms, salt, digest FROM erasure WHERE digest <> '' ORDER BY id"
      ).map { row in
        Erasure(atMs: row[0], untilMs: row[1], salt: Array(row[2] as Data), digest: row[3])
      }
    }
  }

  package func erasureState() throws -> ErasureState {
    try database.read { db in
      var state = ErasureState()
      // A file that no bridge of this version has opened yet.
      guard try db.tableExists("erasure") else { return state }
      for row in try Row.fetchAll(db, sql: "SELECT events, topics, sweep, digest FROM erasure") {
        state.workers += 1
        state.events += row[0]
        state.topics += (row[1] as String).split(separator: "\n").map(String.init)
        state.unswept += (row[2] as Int64) == 0 ? 1 : 0
      }
      return state
    }
  }

  /// By erasure, the retained topics that are still to be emptied.
  package func topicsToEmpty() throws -> [Int64: [String]] {
    try database.read { db in
      let statement = try db.cachedStatement(sql: "SELECT id, topics FROM erasure WHERE topics <> ''")
      return try Row.fetchAll(statement).reduce(into: [:]) { all, row in
        all[row[0]] = (row[1] as String).split(separator: "\n").map(String.init)
      }
    }
  }

  /// The broker has emptied the topics of these erasures.
  package func topicsAreEmpty(_ ids: [Int64]) throws {
    try commit { transaction in
      try transaction.db.execute(sql: "PRAGMA secure_delete = ON")
      for id in ids {
        try transaction.db.execute(sql: "UPDATE erasure SET topics = '' WHERE id = ?", arguments: [id])
      }
      // The one before has the names.
      if !ids.isEmpty { transaction.wantBase() }
    }
    isSweepDue = true
  }

  /// Takes old copies of what was erased out of the file: free pages, the room between rows, and the write-ahead log.
  /// Commits wait meanwhile: 8 s for 68 MB were seen on an overloaded machine. Waits for erasures whose topics are not
  /// empty yet.
  ///
  /// - Parameter largestBytes: A larger file is not rewritten; then only what the erasure itself took away is
  ///   overwritten, which it is already.
  /// - Returns: Whether nothing is left to do; false while a reader holds the log.
  package func sweep(largestBytes: Int64, nowMs: Int64) throws -> Bool {
    isSweepDue = false
    let due = try database.read { db in
      try Int64.fetchAll(db, sql: "SELECT id FROM erasure WHERE sweep = 0 AND topics = ''")
    }
    guard !due.isEmpty else { return true }
    try commit { transaction in
      try transaction.db.execute(
        sql: "UPDATE erasure SET salt = x'', digest = '' WHERE until_ms < ? AND digest <> ''",
        arguments: [nowMs])
      if transaction.db.changesCount > 0 { transaction.wantBase() }
    }
    let isLogEmpty = try write { db in
      let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      let pageBytes = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      if pages * pageBytes <= largestBytes { try db.execute(sql: "VACUUM") }
      let log = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      return log?[0] == 0
    }
    guard isLogEmpty else { return false }
    // Not before: after a kill between the two, old copies could stay in the log.
    try commit { transaction in
      for id in due {
        try transaction.db.execute(sql: "UPDATE erasure SET sweep = 1 WHERE id = ?", arguments: [id])
      }
    }
    try write { try $0.execute(sql: "PRAGMA secure_delete = OFF") }
    return true
  }

  /// Where the file still has a worker's id, by table and column, as a whole word in a text. O(rows).
  package func mentions(of worker: String) throws -> [String: Int64] {
    let mention = WorkerMention(worker)
    return try database.read { db in
      var found: [String: Int64] = [:]
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
      )
      for table in tables {
        for column in try Row.fetchAll(db, sql: "PRAGMA table_info(\"\(table)\")") {
          let (name, kind): (String, String) = (column["name"], column["type"])
          // Other blobs have numbers only, or (the log) lost the worker when it was erased.
          guard ["TEXT", "ANY"].contains(kind) || name == "payload" else { continue }
          let values = try DatabaseValue.fetchCursor(
            db,
            sql: """
              SELECT "\(name)" FROM "\(table)"
              WHERE instr(CAST("\(name)" AS BLOB), CAST(?1 AS BLOB)) > 0 OR ?2 AND instr("\(name)", CAST(?3 AS BLOB)) > 0
              """, arguments: [worker, name == "payload", "\\u"])
          var count: Int64 = 0
          while let value = try values.next() {
            let bytes =
              String.fromDatabaseValue(value).map { Array($0.utf8) }
              ?? Data.fromDatabaseValue(value).map { Array($0) } ?? []
            if mention.isIn(payload: bytes) { count += 1 }
          }
          if count > 0 { found["\(table).\(name)"] = count }
        }
      }
      return found
    }
  }
}

extension StoreTransaction {
  /// Runs the body and takes back all that it changed.
  package func trial<Result>(_ body: () throws -> Result) throws -> Result {
    try db.execute(sql: "SAVEPOINT trial")
    log?.bodies.isPaused = true
    let (leavesPatchOut, wantsBase) = (log?.leavesPatchOut ?? false, log?.wantsBase ?? false)
    defer {
      log?.bodies.isPaused = false
      log?.leavesPatchOut = leavesPatchOut
      log?.wantsBase = wantsBase
      try? db.execute(sql: "ROLLBACK TO trial; RELEASE trial")
    }
    return try body()
  }

  /// The rows of the quarantine that name a worker. O(bytes of the quarantine).
  package func quarantineIDs(naming worker: String) throws -> [Int64] {
    let mention = WorkerMention(worker)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT id, payload, detail, event_id, topic FROM quarantine
        WHERE instr(payload, CAST(?1 AS BLOB)) > 0 OR instr(payload, CAST('\\u' AS BLOB)) > 0
          OR instr(detail, ?1) > 0 OR instr(event_id, ?1) > 0 OR instr(topic, ?1) > 0
        ORDER BY id
        """, arguments: [worker])
    var ids: [Int64] = []
    while let row = try rows.next() {
      let texts = [row[2] as String, row[3] as String, row[4] as String]
      if mention.isIn(payload: Array(row[1] as Data)) || texts.contains(where: mention.isIn) {
        ids.append(row[0])
      }
    }
    return ids
  }
}
