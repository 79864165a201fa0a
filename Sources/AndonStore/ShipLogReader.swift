import AndonCore
import Foundation
import GRDB

/// Reads bodies of the log in order, and checks each against the chain.
struct ShipLogReader {
  struct Body {
    var position: ShipPosition
    var records: [ShipRecord]
    var bytes: Int
  }

  private let db: Database
  private var position: ShipPosition

  init(_ db: Database, behind position: ShipPosition) { (self.db, self.position) = (db, position) }

  /// Nil at the end.
  ///
  /// - Throws: `DamagedShipBody`, also for a hole.
  mutating func next() throws -> Body? {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT seq, tip, body FROM ship_log WHERE seq > ? ORDER BY seq LIMIT 1"),
      arguments: [position.seq])
    guard let row else { return nil }
    let found = ShipPosition(seq: row[0], tip: row[1])
    guard found.seq == position.seq + 1 else {
      throw DamagedShipBody(seq: position.seq + 1, words: "it is missing")
    }
    let bytes = Array(row[2] as Data)
    // The records of an empty body are read from the tables.
    let records = bytes.isEmpty ? [] : try records(bytes, found)
    position = found
    return Body(position: found, records: records, bytes: bytes.count)
  }

  /// Continues behind a body that is damaged.
  mutating func skip() throws {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT seq, tip FROM ship_log WHERE seq > ? ORDER BY seq LIMIT 1"),
      arguments: [position.seq])
    if let row { position = ShipPosition(seq: row[0], tip: row[1]) }
  }

  private func records(_ bytes: [UInt8], _ found: ShipPosition) throws -> [ShipRecord] {
    guard ShipChain.tip(after: position.tip, bytes) == found.tip else {
      throw DamagedShipBody(seq: found.seq, words: "it does not match the hash chain")
    }
    do throws(ShipBodyError) {
      return try ShipBody.records(bytes)
    } catch {
      throw DamagedShipBody(seq: found.seq, words: error.words)
    }
  }
}
