import GRDB

/// The schema of a site's file: forward migrations only, each named for what it brings.
///
/// A released migration never changes again. A file with a migration that this program does not know was written by
/// a newer Andon and is refused (`StoreError.newerSchema`).
enum StoreSchema {
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0.1.0") { db in
      for part in [events, summaries, alarms, notify, operation] { try db.execute(sql: part) }
    }
    migrator.registerMigration("access log") { try $0.execute(sql: accessLog + verifiedNames) }
    migrator.registerMigration("privacy") { try $0.execute(sql: privacy) }
    migrator.registerMigration("final figures") { try $0.execute(sql: finals) }
    migrator.registerMigration("ages by purpose") { try $0.execute(sql: ages) }
    migrator.registerMigration("erasure") { try $0.execute(sql: erasure) }
    migrator.registerMigration("parts of lists") { try $0.execute(sql: partsOfLists) }
    migrator.registerMigration("targets") { try $0.execute(sql: targets) }
    migrator.registerMigration("reasons of stops") { try $0.execute(sql: stopReasons) }
    migrator.registerMigration("told stops") { try $0.execute(sql: toldStops) }
    migrator.registerMigration("workstations of deleted events") { try $0.execute(sql: carriedStations) }
    migrator.registerMigration("told reports") { try $0.execute(sql: toldReports) }
    migrator.registerMigration("central") { try $0.execute(sql: central) }
    migrator.registerMigration("first note of an alert") { try $0.execute(sql: firstNotes) }
    migrator.registerMigration("patches of small tables") { try $0.execute(sql: patches) }
    return migrator
  }()

  /// Migrations of versions that were never released.
  private static let unreleased: Set<String> = ["1", "2 late samples"]

  /// Refuses a file that this program would not understand.
  static func check(_ db: Database, path: String) throws {
    let applied = try migrator.appliedIdentifiers(db)
    if !applied.isDisjoint(with: unreleased) { throw StoreError.unreleasedSchema(path: path) }
    if try migrator.hasBeenSuperseded(db) { throw StoreError.newerSchema(path: path) }
  }
}
