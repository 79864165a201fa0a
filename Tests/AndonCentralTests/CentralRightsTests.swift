import Postgres
import TestSupport
import Testing

@testable import AndonCentral

/// Who may do what.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct CentralRightsTests {
  /// The SQLSTATE of the error; empty when there was none.
  private func state(_ connection: PostgresConnection, _ sql: String) -> String {
    do {
      try connection.execute(sql)
      return ""
    } catch {
      return error.sqlState
    }
  }

  private func relations(_ database: CentralTestDatabase, kinds: String) throws -> [String] {
    try database.text(
      "SELECT relname FROM pg_class WHERE relnamespace = 'andon'::regnamespace AND relkind IN (\(kinds)) ORDER BY 1"
    ).split(separator: "\n").map(String.init)
  }

  @Test func aBridgeMayCallItsFunctionsAndReadNothing() throws {
    let database = try CentralTestDatabase()
    let bridge = try database.connection("andon_bridge")
    for name in try relations(database, kinds: "'r', 'p', 'v'") {
      #expect(state(bridge, "SELECT * FROM andon.\(name)") == "42501", "\(name)")
      // 55000: a view that cannot be written to at all.
      #expect(["42501", "55000"].contains(state(bridge, "DELETE FROM andon.\(name)")), "\(name)")
    }
    for call in [
      "maintain(0, NULL, 1)", "add_partition('event', 'x', 0, 1)", "age_step(0, 1)", "erase_step(0)",
    ] {
      #expect(state(bridge, "SELECT * FROM andon.\(call)") == "42501", "\(call)")
    }
    #expect(state(bridge, "CREATE TABLE andon.mine (a int)") == "42501")
    #expect(state(bridge, "SELECT * FROM andon.about_v1()") == "")
    #expect(try database.session().maintain() == [])
  }

  @Test func aReaderSeesViewsAndNoWorker() throws {
    let database = try CentralTestDatabase()
    let reader = try database.connection("andon_reader")
    for name in try relations(database, kinds: "'r', 'p'") {
      #expect(state(reader, "SELECT * FROM andon.\(name)") == "42501", "\(name)")
    }
    for name in try relations(database, kinds: "'v'") where name != "kpi_worker" {
      #expect(state(reader, "SELECT * FROM andon.\(name)") == "", "\(name)")
      #expect(["42501", "55000"].contains(state(reader, "DELETE FROM andon.\(name)")), "\(name)")
      let columns = try reader.execute("SELECT * FROM andon.\(name) LIMIT 0").columns.map(\.name)
      #expect(Set(columns).isDisjoint(with: ["worker_id", "by", "comment"]), "\(name)")
    }
    #expect(state(reader, "SELECT * FROM andon.kpi_worker") == "42501")
    for call in [
      "take_v1('b', gen_random_uuid(), ARRAY['s'], NULL)", "resume_v1(gen_random_uuid(), 's', 1)",
      "maintain_v1(NULL)", "ask_backfill_v1('s', 1, 2)",
      "asked_v1(gen_random_uuid())", "join_v1('b', gen_random_uuid(), 1, 1, '')",
      "release_v1(gen_random_uuid(), '{}', '{}')", "holds_v1(gen_random_uuid(), 's', 1)",
      "configs_v1(gen_random_uuid(), '{}')", "answered_v1(gen_random_uuid(), 's', 1, 2)",
    ] {
      #expect(state(reader, "SELECT * FROM andon.\(call)") == "42501", "\(call)")
    }
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(database.event(CentralTestDatabase.dayMs, "e1", worker: "w-4711"), site: $1)
      for scope in ["worker", "site"] {
        $0.add(
          .figures,
          [
            ("window_kind", .text("hour")), ("start_ms", .number(1)), ("end_ms", .number(2)),
            ("scope", .text(scope)),
            ("id", .text("w-4711")), ("rev", .number(1)), ("published_ms", .number(1)),
            ("quality", .number(192)),
          ], site: $1)
      }
    }
    #expect(try session.ship(shipment) == [.applied(events: 1)])
    #expect(try reader.execute("SELECT * FROM andon.kpis").rowCount == 1)
    #expect(try reader.execute("SELECT * FROM andon.events").rowCount == 1)
    // Until it is granted.
    try database.server.run("GRANT SELECT ON andon.kpi_worker TO andon_reader", in: database.name)
    #expect(try reader.execute("SELECT worker_id FROM andon.kpi_worker").value(0, "worker_id") == "w-4711")
    // A migration takes nothing that was granted.
    #expect(try database.administration().migrate() == [])
    #expect(state(reader, "SELECT * FROM andon.kpi_worker") == "")
  }

  /// The functions run with the owner's rights: what they name must not be found elsewhere.
  @Test func everyFunctionHasAFixedPath() throws {
    let database = try CentralTestDatabase()
    #expect(
      try database.text(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'andon'::regnamespace AND (proconfig IS NULL OR NOT "
          + "proconfig @> ARRAY['search_path=pg_catalog, pg_temp'])") == "")
    #expect(
      try database.text(
        "SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc "
          + "WHERE pronamespace = 'andon'::regnamespace AND prosecdef")
        == "about_v1 answered_v1 ask_backfill_v1 asked_v1 base_v1 beat_v1 claim_v1 configs_v1 count_v1 declare_dead_v1 document_v1 "
        + "erasures_v1 events_v1 holds_v1 join_v1 maintain_v1 patches_v1 release_v1 repair_v1 repaired_v1 resume_v1 ship_v1 ship_v2 site_ids_v1 stand_v1 take_v1 watch_v1"
    )
    // What a bridge makes in its session is not used instead of the tables.
    let bridge = try database.connection("andon_bridge")
    try bridge.executeScript("CREATE TEMP TABLE meta (schema_version int); SET search_path = pg_temp, andon")
    #expect(
      try bridge.execute("SELECT schema_version FROM andon.about_v1()").value(0, "schema_version")
        == CentralSchema.version)
  }
}
