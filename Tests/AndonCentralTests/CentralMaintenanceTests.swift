import AndonCore
import AndonRuntime
import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral

/// Partitions, ages and erasures.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct CentralMaintenanceTests {
  private let day = CentralTestDatabase.dayMs
  private static let dayLength: Int64 = 86_400_000

  private func partitions(_ database: CentralTestDatabase, _ parent: String) throws -> [String] {
    try database.text(
      "SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid "
        + "WHERE i.inhparent = 'andon.\(parent)'::regclass ORDER BY 1"
    ).split(separator: "\n").map(String.init)
  }

  /// Runs maintenance as if it were that time; `action|subject|amount`.
  @discardableResult
  private func maintain(_ database: CentralTestDatabase, atMs: Int64, rows: Int = 5000) throws -> [String] {
    try database.text("SELECT * FROM andon.maintain(\(atMs), NULL, \(rows))").split(separator: "\n").map(
      String.init)
  }

  /// The same after the partitions of that time are made: a call that makes some does nothing else.
  @discardableResult
  private func age(_ database: CentralTestDatabase, atMs: Int64, rows: Int = 5000) throws -> [String] {
    var done = try maintain(database, atMs: atMs, rows: rows)
    while done.contains(where: { $0.hasPrefix("partition") || $0.hasPrefix("dropped") }) {
      done = try maintain(database, atMs: atMs, rows: rows)
    }
    return done
  }

  @Test func partitionsAreMadeTwoMonthsAhead() throws {
    let database = try CentralTestDatabase()
    let made = try partitions(database, "event")
    #expect(made.count == 4)
    #expect(made.contains("event_default"))
    #expect(try database.session().maintain() == [])
    // On 2035-11-14.
    #expect(
      try maintain(database, atMs: 2_078_611_200_000)
        == [
          "partition|event_2035_11|1", "partition|event_2035_12|1", "partition|event_2036_01|1",
          "partition|kpi_2035|1", "partition|kpi_2036|1",
        ])
    // A clock that is far off makes no thousands of them.
    let past = try database.session().maintain(oldestMs: -62_000_000_000_000)
    #expect(past.count < 140)
    #expect(try partitions(database, "event").count < 140)
  }

  @Test func aRowWithoutAPartitionWaitsInTheDefaultOne() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    // 2021-03-05.
    let past: Int64 = 1_614_902_400_000
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(database.event(past, "e1"), site: $1)
      $0.add(database.event(253_402_300_800_000, "e2"), site: $1)
    }
    #expect(try session.ship(shipment) == [.applied(events: 2)])
    #expect(try database.text("SELECT count(*) FROM andon.event_default") == "2")
    #expect(try database.administration().status().strayRows == 2)
    #expect(try session.maintain().map(\.subject) == ["event_2021_03"])
    #expect(try database.text("SELECT event_id FROM andon.event_2021_03") == "e1")
    // The year 10000 has no place, and is shown.
    #expect(try database.administration("andon_reader").status().strayRows == 1)
    #expect(try database.text("SELECT count(*) FROM andon.event") == "2")
    // It is still the same row.
    let again = database.shipment("plant-a", epoch: epoch, 2...2) {
      $0.add(database.event(past, "e1"), site: $1)
    }
    #expect(try session.ship(again) == [.applied(events: 0)])
  }

  @Test func eventsAndFiguresOfWorkersAgeOthersStay() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let keep = 30 * Self.dayLength
    _ = try database.take(session, ["plant-a"], keepMs: keep)
    _ = try database.take(session, ["plant-b"], keepMs: 90 * Self.dayLength)
    for site in ["plant-a", "plant-b"] {
      let shipment = database.shipment(site, epoch: 1, 1...1) {
        for age in [Int64(0), 29, 31, 60, 100] {
          let atMs = day - age * Self.dayLength
          $0.add(database.event(atMs, "e\(age)"), site: $1)
          for scope in ["worker", "site"] {
            $0.add(
              .figures,
              [
                ("window_kind", .text("hour")), ("start_ms", .number(atMs)),
                ("end_ms", .number(atMs + 3_600_000)),
                ("scope", .text(scope)), ("id", .text("x")), ("rev", .number(1)),
                ("published_ms", .number(1)),
                ("quality", .number(192)),
              ], site: $1)
          }
        }
      }
      #expect(try session.ship(shipment) == [.applied(events: 5)])
    }
    try age(database, atMs: day)
    func left(_ table: String, _ more: String = "") throws -> String {
      try database.text("SELECT site_id, count(*) FROM andon.\(table) \(more) GROUP BY 1 ORDER BY 1")
        .replacing("\n", with: " ")
    }
    #expect(try left("event") == "plant-a|2 plant-b|4")
    #expect(try left("kpi", "WHERE scope = 'worker'") == "plant-a|2 plant-b|4")
    #expect(try left("kpi", "WHERE scope = 'site'") == "plant-a|5 plant-b|5")
    // 100 days ago lies in a month that is over for both.
    #expect(try !partitions(database, "event").contains("event_2026_08"))
    // In steps: one row, and those of the same time.
    let later = day + 200 * Self.dayLength
    try age(database, atMs: later)
    #expect(try left("event") == "")
  }

  @Test func whileASiteHasNoAgeNoPartitionGoes() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    _ = try database.take(session, ["plant-a"], keepMs: 30 * Self.dayLength)
    _ = try database.take(session, ["plant-b"], keepMs: nil)
    for site in ["plant-a", "plant-b"] {
      let shipment = database.shipment(site, epoch: 1, 1...1) { $0.add(database.event(day, "e"), site: $1) }
      #expect(try session.ship(shipment) == [.applied(events: 1)])
    }
    try age(database, atMs: day + 400 * Self.dayLength)
    #expect(try database.text("SELECT site_id FROM andon.event") == "plant-b")
  }

  @Test func deletingGoesInSteps() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    _ = try database.take(session, ["plant-a"], keepMs: 30 * Self.dayLength)
    let shipment = database.shipment("plant-a", epoch: 1, 1...1) {
      for number in Int64(0)..<100 { $0.add(database.event(day + number, "e\(number)"), site: $1) }
    }
    #expect(try session.ship(shipment) == [.applied(events: 100)])
    let later = day + 30 * Self.dayLength + 1000
    #expect(try age(database, atMs: later, rows: 40).contains("events|plant-a|41"))
    #expect(try database.text("SELECT count(*), min(timestamp_ms) - \(day) FROM andon.event") == "59|41")
    #expect(try age(database, atMs: later, rows: 40).contains("events|plant-a|41"))
    #expect(try age(database, atMs: later, rows: 40).contains("events|plant-a|18"))
    #expect(try age(database, atMs: later, rows: 40).allSatisfy { !$0.hasPrefix("events") })
  }

  @Test func anErasedWorkerIsNowhere() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let marker = "w-marker-4711"
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      for age in [Int64(0), 40, 70, 200] {
        let atMs = day - age * Self.dayLength
        $0.add(database.event(atMs, "m\(age)", worker: marker), site: $1)
        $0.add(database.event(atMs, "o\(age)", worker: "other"), site: $1)
      }
      $0.add(
        .figures,
        [
          ("window_kind", .text("hour")), ("start_ms", .number(day)), ("end_ms", .number(day + 1)),
          ("scope", .text("worker")), ("id", .text(marker)), ("rev", .number(1)),
          ("published_ms", .number(1)),
          ("quality", .number(192)),
        ], site: $1)
    }
    #expect(try session.ship(shipment) == [.applied(events: 8)])
    let erasure = database.shipment("plant-a", epoch: epoch, 2...2) {
      let salt = [UInt8](repeating: 7, count: 16)
      let digest = KeyedHash.hex(Array(marker.utf8), key: salt)
      $0.add(
        .erasure(ShippedErasure(atMs: day, salt: salt, digest: digest, replacement: "gone")), site: $1)
    }
    #expect(try session.ship(erasure) == [.applied(events: 0)])
    var erased = false
    while case let done = try session.maintain(), !done.isEmpty {
      erased = erased || done.contains { $0.name == "erased" && $0.amount == 4 }
    }
    #expect(erased)
    #expect(try database.text("SELECT count(*) FROM andon.event WHERE worker_id = 'other'") == "4")
    #expect(try database.text("SELECT count(*) FROM andon.event WHERE worker_id = 'gone'") == "4")
    #expect(try database.text("SELECT count(*) FROM andon.kpi WHERE scope = 'worker'") == "0")
    #expect(
      try database.text("SELECT events, salt = '', done_at IS NOT NULL FROM andon.erasure") == "4|t|t")
    // In no table.
    let tables = try database.text("SELECT tablename FROM pg_tables WHERE schemaname = 'andon'").split(
      separator: "\n")
    for table in tables {
      #expect(
        try database.text("SELECT count(*) FROM andon.\(table) t WHERE t::text LIKE '%\(marker)%'") == "0",
        "\(table)")
    }
  }
}
