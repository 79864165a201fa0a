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
    return migrator
  }()
}
