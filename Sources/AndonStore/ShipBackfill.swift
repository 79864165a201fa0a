package import AndonCore
import GRDB

/// A range that is read from the tables instead of the log, and how far that has come.
package struct ShipBackfill: Sendable, Hashable {
  /// Why; the raw value is in the file.
  package enum Cause: String, Sendable, CaseIterable {
    /// The log was longer than its limit.
    case backlog
    /// A body did not match the chain.
    case damage
    /// The server has another history than the file.
    case renumbered
    /// The same, for the rows of small tables.
    case renumberedJournals = "renumbered_journals"
    /// An erasure took rows out of the log.
    case erasure
    /// The log was switched on, or gets more than before.
    case switchedOn = "switched_on"
    /// Somebody asked for the time before the log.
    case asked
  }

  /// Where reading continues: a kind, and the first time of it that is not delivered yet. `skip` rows of this time are.
  package struct Cursor: Sendable, Hashable {
    package var kind: ShipRecord.Kind
    package var atMs: Int64
    package var skip: Int64 = 0
  }

  package var id: Int64
  package var range: ShipRange
  package var cause: Cause
  /// Nil for one that was not begun.
  package var cursor: Cursor?
  var changes: Int64
}

extension ShipBackfill {
  /// Adds one that is joined to no other.
  static func insert(_ range: ShipRange, cause: Cause, _ db: Database) throws {
    try db.cachedStatement(
      sql: "INSERT INTO ship_backfill (from_ms, to_ms, kinds, cause) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [range.fromMs, range.toMs, range.kinds.rawValue, cause.rawValue])
  }

  static func all(_ db: Database) throws -> [ShipBackfill] {
    guard try db.tableExists("ship_backfill") else { return [] }
    return try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT id, from_ms, to_ms, kinds, cause, cursor_kind, cursor_ms, cursor_skip, changes FROM ship_backfill
          WHERE done_seq IS NULL ORDER BY id
          """)
    ).map { row in
      let kinds = ShipKinds(rawValue: row[3]).intersection(.all)
      let kind = ShipRecord.Kind(rawValue: UInt8(clamping: row[5] as Int64))
      return ShipBackfill(
        id: row[0], range: ShipRange(fromMs: row[1], toMs: row[2], kinds: kinds),
        cause: Cause(rawValue: row[4]) ?? .asked,
        cursor: kind.map { Cursor(kind: $0, atMs: row[6], skip: max(0, row[7])) }, changes: row[8])
    }
  }

  /// The part of a kind that is not delivered yet; nil when it is all delivered.
  func rest(of kind: ShipRecord.Kind) -> Range<Int64>? {
    guard range.kinds.has(kind) else { return nil }
    guard let cursor else { return range.fromMs..<range.toMs }
    if cursor.kind.rawValue > kind.rawValue { return nil }
    // Cameras and counters are read as a whole, also for a range without times.
    if cursor.kind.rawValue < kind.rawValue || kind == .camera || kind == .counters {
      return range.fromMs..<range.toMs
    }
    return cursor.atMs < range.toMs ? cursor.atMs..<range.toMs : nil
  }
}
