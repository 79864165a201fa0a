import Foundation
import GRDB

extension SiteStore {
  /// Rejected events below an id, newest first; of one camera or with one code where given.
  ///
  /// At most `payloadLimit` bytes of each payload are read.
  package func quarantine(
    before id: Int64?, camera: String?, code: String?, limit: Int, payloadLimit: Int
  ) throws -> [QuarantineRow] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT \(QuarantineRow.columns(payload: "substr(payload, 1, ?1)"))
          FROM quarantine WHERE (?2 IS NULL OR id < ?2) AND (?3 IS NULL OR camera_id = ?3)
            AND (?4 IS NULL OR code = ?4) ORDER BY id DESC LIMIT ?5
          """, arguments: [payloadLimit, id, camera, code, limit]
      ).map(QuarantineRow.init)
    }
  }

  /// How many rejected events are stored, by code.
  package func quarantineCounts() throws -> [(code: String, rows: Int64)] {
    try database.read { db in
      try Row.fetchAll(db, sql: "SELECT code, count(*) FROM quarantine GROUP BY code ORDER BY code")
        .map { ($0[0], $0[1]) }
    }
  }
}
