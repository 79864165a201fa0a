import AndonCore
import Foundation
import GRDB

/// What was told of stops: written in the transaction of the outbox rows that tell it.
extension SiteStore {
  /// The newest stop of each workstation of which any was told; nil where all were retracted.
  package func lastToldStops() throws -> [(workstation: String, last: (startMs: Int64, payload: [UInt8])?)] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT told.workstation_id, last.start_ms, last.payload
          FROM (SELECT DISTINCT workstation_id FROM told_stop) AS told
          LEFT JOIN told_stop AS last ON last.workstation_id = told.workstation_id AND last.start_ms = (
            SELECT max(start_ms) FROM told_stop AS newest
            WHERE newest.workstation_id = told.workstation_id AND retracted = 0)
          ORDER BY 1
          """
      ).map { row in
        let payload: Data? = row[2]
        return (workstation: row[0], last: payload.map { (row[1], Array($0)) })
      }
    }
  }
}

extension StoreTransaction {
  /// Those that begin at `ms` or later, by start and workstation.
  package func toldStops(from ms: Int64) throws -> [ToldStop] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT workstation_id, start_ms, end_ms, open, duration_ms, kind, shift_id, revision, retracted, face, payload
          FROM told_stop WHERE start_ms >= ? ORDER BY start_ms, workstation_id
          """), arguments: [ms]
    ).map { row in
      ToldStop(
        stop: Stop(
          workstationID: row[0], shiftID: row[6], startMs: row[1], endMs: row[2], isOpen: row[3],
          durationMs: row[4], kind: StopKind(rawValue: row[5]) ?? .mixed, isMicro: false),
        revision: row[7], isRetracted: row[8], face: row[9], payload: Array(row[10] as Data))
    }
  }

  package func save(_ told: ToldStop) throws {
    let stop = told.stop
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO told_stop (workstation_id, start_ms, end_ms, open, duration_ms, kind, shift_id, revision,
          retracted, face, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        stop.workstationID, stop.startMs, stop.endMs, stop.isOpen, stop.durationMs, stop.kind.rawValue,
        stop.shiftID, told.revision, told.isRetracted, told.face, Data(told.payload),
      ])
    try ship(ShipRows.stops("workstation_id = ? AND start_ms = ?", [stop.workstationID, stop.startMs], db))
  }

  /// Deletes what was told of stops that begin before `ms`; the newest of each workstation stays, for its retained topic.
  package func pruneToldStops(before ms: Int64) throws {
    try db.cachedStatement(
      sql: """
        DELETE FROM told_stop WHERE start_ms < ?1 AND (retracted = 1 OR EXISTS (SELECT 1 FROM told_stop AS newer
          WHERE newer.workstation_id = told_stop.workstation_id AND newer.retracted = 0
            AND newer.start_ms > told_stop.start_ms))
        """
    ).execute(arguments: [ms])
  }
}
