import GRDB

/// The schema of a site's file: forward migrations only, each named for what it brings.
///
/// A released migration never changes again. A file with a migration that this program does not know was written by
/// a newer Andon and is refused (`StoreError.newerSchema`).
enum StoreSchema {
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      for part in [events, summaries, alarms, operation] { try db.execute(sql: part) }
    }
    migrator.registerMigration("2 late samples") { db in
      // What the checkpoints had is computed again from the samples.
      try db.execute(sql: "ALTER TABLE drift_hour ADD COLUMN rules BLOB NOT NULL DEFAULT x''")
      try db.execute(sql: "DELETE FROM drift_checkpoint")
    }
    return migrator
  }()
}
