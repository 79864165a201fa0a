import GRDB

extension StoreSchema {
  static let atMostOnceName = "at most once"

  /// Which cameras send with QoS 0, whose gap it is, when the broker was last heard, and why a session is lost.
  static let atMostOnce = """
    ALTER TABLE camera ADD COLUMN qos0_received INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE camera ADD COLUMN qos0_last_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE gap ADD COLUMN camera_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE progress ADD COLUMN heard_at_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE progress ADD COLUMN lost_cause TEXT NOT NULL DEFAULT 'session_lost';
    """

  /// Whether the file has these columns: a reader may come before the writer that brings the schema up.
  static func knowsAtMostOnce(_ db: Database) throws -> Bool {
    try db.columns(in: "camera").contains { $0.name == "qos0_received" }
  }
}
