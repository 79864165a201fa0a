import AndonCore
import AndonStore
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AndonCentral

/// The schema: that it fits the program, and how it is made and migrated.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct CentralSchemaTests {
  /// Fails after a new figure was added: write a migration with its column (`CentralFigure`).
  @Test func everyFigureHasAColumn() throws {
    #expect(
      CentralFigure.all == KPIMetric.allCases.map { CentralFigure(name: $0.rawValue, digits: $0.digits) })
    #expect(CentralSchema.counters == OutcomeCounters.names.map(\.name))
    let database = try CentralTestDatabase()
    let columns = try database.text(
      "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns "
        + "WHERE table_schema = 'andon' AND table_name = 'kpi'")
    #expect(columns.hasSuffix(KPIMetric.allCases.map(\.rawValue).joined(separator: ",")))
  }

  @Test func fromEmptyAndAgain() throws {
    let database = try CentralTestDatabase(isInitialized: false)
    let administration = try database.administration()
    #expect(try administration.initialize(layout: .native) == CentralSchema.migrations.map(\.name))
    let about = try administration.status().about
    #expect(about.schemaVersion == CentralSchema.version)
    #expect(about.layout == "native")
    #expect(about.clusterID.count == 36)
    #expect(try administration.initialize(layout: .native) == [])
    #expect(try administration.migrate() == [])
    // It is the same database.
    #expect(try administration.status().about.clusterID == about.clusterID)
    #expect(
      try database.text("SELECT number || name FROM andon.migration") == "1history\n2fleet\n3fleet_watch")
    // The owner alone migrates later.
    #expect(try database.administration("andon_owner").migrate() == [])
    #expect(
      try database.text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'andon'")
        == "andon_owner")
    let bridge = try database.administration("andon_bridge")
    #expect(throws: CentralError.self) { try bridge.migrate() }
  }

  @Test func severalAtOnceApplyEachMigrationOnce() throws {
    let database = try CentralTestDatabase(isInitialized: false)
    let applied = Mutex<[String]>([])
    let failures = Mutex<[String]>([])
    let threads = (0..<6).map { _ in
      Thread {
        do {
          let names = try database.administration().initialize(layout: .native)
          applied.withLock { $0 += names }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    for thread in threads { thread.start() }
    try waitUntil("the migrations") { threads.allSatisfy(\.isFinished) }
    #expect(failures.withLock { $0 } == [])
    // One may apply the first, another the second, and they tell it in any order.
    #expect(applied.withLock { $0.sorted() } == CentralSchema.migrations.map(\.name).sorted())
    #expect(try database.text("SELECT count(*) FROM andon.migration") == "\(CentralSchema.version)")
  }

  @Test func aMigrationThatFailsLeavesNothingBehind() throws {
    let database = try CentralTestDatabase(isInitialized: false)
    let connection = try database.connection()
    try connection.executeScript(
      CentralSchema.start
        + "INSERT INTO andon.meta (schema_version, oldest_writer, layout) VALUES (0, 1, 'native');"
        + "CREATE TABLE andon.site_now (a int)")
    let administration = try database.administration()
    #expect(throws: CentralError.self) { try administration.migrate() }
    #expect(try database.text("SELECT schema_version FROM andon.meta") == "0")
    #expect(try database.text("SELECT to_regclass('andon.head') IS NULL") == "t")
    try connection.execute("DROP TABLE andon.site_now")
    // The failed one holds no lock.
    #expect(try administration.migrate() == CentralSchema.migrations.map(\.name))
  }

  @Test func anotherSchemaIsRefusedWithWords() throws {
    let database = try CentralTestDatabase()
    let administration = try database.administration()
    try database.server.run("UPDATE andon.meta SET schema_version = 99", in: database.name)
    #expect(
      words { _ = try administration.migrate() }?.contains("has schema 99, this program knows up to") == true)
    // A bridge can still ask.
    #expect(try database.session().about().schemaVersion == 99)
    try database.server.run(
      "UPDATE andon.meta SET schema_version = \(CentralSchema.version), layout = 'timescale'",
      in: database.name)
    #expect(
      words { _ = try administration.initialize(layout: .native) }?.contains("layout timescale") == true)
    let empty = try CentralTestDatabase(isInitialized: false)
    let other = try empty.administration()
    #expect(words { _ = try other.status() }?.contains("andon central init") == true)
    #expect(words { _ = try other.migrate() }?.contains("andon central init") == true)
    #expect(words { _ = try empty.session().about() }?.contains("andon central init") == true)
    #expect(words { _ = try other.initialize(layout: .timescale) }?.contains("extension timescaledb") == true)
    #expect(try empty.text("SELECT count(*) FROM pg_namespace WHERE nspname = 'andon'") == "0")
  }

  private func words(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
