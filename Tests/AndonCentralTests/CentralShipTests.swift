import AndonRuntime
import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonCore

/// What `ship_v1`, `take_v1` and `resume_v1` promise.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct CentralShipTests {
  private let day = CentralTestDatabase.dayMs

  @Test func aShipmentIsAppliedWithItsPosition() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    #expect(epoch == 1)
    let shipment = database.shipment(
      "plant-a", epoch: epoch, 1...3, counters: [9, 5, 1, 2, 1, 0, 4, 0, 0, 0]
    ) {
      $0.add(database.event(day, "e1"), site: $1)
      $0.add(database.event(day + 1, "e2"), site: $1)
      // The same event twice in one shipment.
      $0.add(database.event(day + 1, "e2"), site: $1)
    }
    #expect(try session.ship(shipment) == [.applied(events: 2)])
    #expect(
      try session.resume(site: "plant-a", epoch: 1)
        == CentralPosition(
          siteID: "plant-a", epoch: 1, seq: 3, tip: 21, newestEventMs: day, bridgeID: "bridge-01"))
    #expect(
      try database.text("SELECT string_agg(event_id, ',' ORDER BY event_id) FROM andon.event") == "e1,e2")
    #expect(
      try database.text(
        "SELECT received, stored, low_confidence, duplicate, rejected, ignored FROM andon.head")
        == "9|5|1|2|1|4")
    // Without counters they stay; with them they are set, not added.
    #expect(try session.ship(database.shipment("plant-a", epoch: 1, 4...4)) == [.applied(events: 0)])
    #expect(
      try session.ship(
        database.shipment("plant-a", epoch: 1, 5...5, counters: [10, 6, 1, 2, 1, 0, 4, 0, 0, 0]))
        == [.applied(events: 0)])
    #expect(
      try database.text("SELECT received, stored, seq, newest_event_ms FROM andon.head") == "10|6|5|\(day)")
  }

  @Test func theSameAgainChangesNothing() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(database.event(day, "e1"), site: $1)
    }
    #expect(try session.ship(shipment) == [.applied(events: 1)])
    #expect(try session.ship(shipment) == [.repeated])
    // The same numbers with another history are no repetition.
    #expect(try session.ship(database.shipment("plant-a", epoch: epoch, 1...1, tip: 99)) == [.otherPosition])
    // A hole.
    let ahead = database.shipment("plant-a", epoch: epoch, 3...3) {
      $0.add(database.event(day, "e3"), site: $1)
    }
    #expect(try session.ship(ahead) == [.otherPosition])
    // A part that was sent before is a duplicate by its key, in any shipment.
    let again = database.shipment("plant-a", epoch: epoch, 2...2) {
      $0.add(database.event(day, "e1"), site: $1)
      $0.add(database.event(day, "e2"), site: $1)
    }
    #expect(try session.ship(again) == [.applied(events: 1)])
    #expect(try database.text("SELECT count(*) FROM andon.event") == "2")
  }

  @Test func theFormerHolderIsFenced() throws {
    let database = try CentralTestDatabase()
    let first = try database.session()
    let second = try database.session(incarnation: UUID().uuidString)
    let old = try database.take(first, ["plant-a"])
    #expect(try first.ship(database.shipment("plant-a", epoch: old, 1...1)) == [.applied(events: 0)])
    let positions = try second.take(
      sites: ["plant-a"], bridge: "bridge-02", retentionMs: nil)
    #expect(
      positions == [
        CentralPosition(
          siteID: "plant-a", epoch: 2, seq: 1, tip: 7, newestEventMs: day, bridgeID: "bridge-01")
      ])
    let late = database.shipment("plant-a", epoch: old, 2...2) { $0.add(database.event(day, "e1"), site: $1) }
    #expect(try first.ship(late) == [.fenced(by: "bridge-02")])
    let position = try #require(try first.resume(site: "plant-a", epoch: old))
    #expect(!position.isMine)
    #expect(position.bridgeID == "bridge-02")
    #expect(try database.text("SELECT count(*) FROM andon.event") == "0")
    // Not even the same shipment as before is a repetition for it.
    #expect(try first.ship(database.shipment("plant-a", epoch: old, 1...1)) == [.fenced(by: "bridge-02")])
    #expect(try second.ship(database.shipment("plant-a", epoch: 2, 2...2)) == [.applied(events: 0)])
    #expect(try first.ship(database.shipment("nowhere", epoch: 1, 1...1)) == [.fenced(by: nil)])
    #expect(try first.resume(site: "nowhere", epoch: 1) == nil)
  }

  @Test func anEpochThatAServerGivesTwiceIsNoReasonToShare() throws {
    let database = try CentralTestDatabase()
    let first = try database.session()
    let epoch = try database.take(first, ["plant-a"])
    // A fail-over forgot that it was taken.
    _ = try database.text("UPDATE andon.head SET epoch = epoch - 1, bridge_id = NULL, incarnation = NULL")
    let second = try database.session(incarnation: UUID().uuidString)
    #expect(try database.take(second, ["plant-a"], bridge: "bridge-02") == epoch)
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(database.event(day, "e1"), site: $1)
    }
    #expect(try first.ship(shipment) == [.fenced(by: "bridge-02")])
    #expect(try #require(try first.resume(site: "plant-a", epoch: epoch)).isMine == false)
    #expect(try second.ship(shipment) == [.applied(events: 1)])
    // And a repetition vouches for its own only.
    #expect(try first.ship(shipment) == [.fenced(by: "bridge-02")])
    #expect(try second.ship(shipment) == [.repeated])
  }

  @Test func oneSiteOfManyThatIsFencedHarmsNoOther() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    _ = try database.take(session, ["plant-a", "plant-b", "plant-c"])
    _ = try database.take(try database.session(), ["plant-b"], bridge: "bridge-02")
    var shipment = Shipment()
    for site in ["plant-c", "plant-b", "plant-a"] {
      let index = shipment.add(Shipment.Site(id: site, epoch: 1, firstSeq: 1, lastSeq: 1, tip: 1))
      for number in 0...index { shipment.add(database.event(day + Int64(number), "e"), site: index) }
      shipment.add(
        .gaps,
        [
          ("noted_at_ms", .number(1)), ("number", .number(1)), ("cause", .text("sequence")),
          ("from_ms", .number(1)),
          ("to_ms", .number(2)),
        ],
        site: index)
    }
    #expect(
      try session.ship(shipment) == [.applied(events: 1), .fenced(by: "bridge-02"), .applied(events: 3)])
    #expect(
      try database.text("SELECT string_agg(site_id, ',' ORDER BY site_id) FROM andon.event")
        == "plant-a,plant-a,plant-a,plant-c")
    #expect(
      try database.text("SELECT string_agg(site_id, ',' ORDER BY site_id) FROM andon.gap")
        == "plant-a,plant-c")
    // The one site alone, and twice in one shipment.
    var twice = Shipment()
    for _ in 0..<2 { _ = twice.add(Shipment.Site(id: "plant-a", epoch: 1, firstSeq: 2, lastSeq: 2, tip: 1)) }
    #expect(throws: CentralError.self) { try session.ship(twice) }
    #expect(try session.ship(Shipment()) == [])
  }

  @Test func aBackfillDoesNotMoveThePosition() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    #expect(try session.ship(database.shipment("plant-a", epoch: epoch, 1...4)) == [.applied(events: 0)])
    var shipment = Shipment()
    let index = shipment.add(Shipment.Site(id: "plant-a", epoch: epoch, firstSeq: 5, lastSeq: 4, tip: 28))
    shipment.add(database.event(day, "e1"), site: index)
    #expect(try session.ship(shipment) == [.applied(events: 1)])
    #expect(try session.resume(site: "plant-a", epoch: epoch)?.seq == 4)
  }

  /// A figure with all metrics, and exact decimals.
  @Test func figuresArriveAsTheyArePublished() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    var record = KPIRecord(
      siteID: "plant-a", scope: .line, id: "l1",
      window: Window(kind: .shift, startMs: day, endMs: day + 28_800_000, shiftID: "early"),
      nowMs: day + 28_800_001,
      values: KPIMetric.allCases.enumerated().map { .init(metric: $1, scaled: Int64($0) * 1001 + 7) },
      quality: .good)
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) { $0.add(record, revision: 1, site: $1) }
    #expect(try session.ship(shipment) == [.applied(events: 0)])
    for (index, metric) in KPIMetric.allCases.enumerated() {
      var bytes: [UInt8] = []
      ShippedField.decimal(Int64(index) * 1001 + 7, digits: metric.digits).append(to: &bytes)
      #expect(
        try database.text("SELECT \(metric.rawValue) FROM andon.kpis")
          == String(decoding: bytes, as: UTF8.self),
        "\(metric.rawValue)")
    }
    #expect(
      try database.text(
        "SELECT window_kind, start_ms, end_ms, shift_id, scope, id, rev, quality, withheld FROM andon.kpis")
        == "shift|\(day)|\(day + 28_800_000)|early|line|l1|1|192|f")
    // A correction with fewer figures takes the others away.
    record = KPIRecord(
      siteID: "plant-a", scope: .line, id: "l1", window: record.window, nowMs: day + 28_900_000,
      values: [.init(metric: .units, scaled: 5)], quality: .good)
    #expect(
      try session.ship(
        database.shipment("plant-a", epoch: epoch, 2...2) { $0.add(record, revision: 2, site: $1) })
        == [.applied(events: 0)])
    #expect(try database.text("SELECT units, working_s IS NULL, rev FROM andon.kpis") == "5|t|2")
  }

  /// In any order and however often they arrive, the row of the highest (epoch, rev) stands.
  @Test(.seeded) func correctionsWinByEpochAndRevision() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    var random = SplitMix64(seed: Seed.one)
    struct Version: Hashable {
      var epoch: Int64
      var rev: Int64
    }
    var expected: [String: Version] = [:]
    for epoch in Int64(1)...5 {
      #expect(try database.take(session, ["plant-a"]) == epoch)
      for _ in 0..<4 {
        let seq = try #require(try session.resume(site: "plant-a", epoch: epoch)).seq + 1
        let shipment = database.shipment("plant-a", epoch: epoch, seq...seq) { shipment, site in
          for _ in 0..<Int.random(in: 0...12, using: &random) {
            let (id, rev) = (
              "w\(Int.random(in: 0...3, using: &random))", Int64.random(in: 1...6, using: &random)
            )
            shipment.add(
              .figures,
              [
                ("window_kind", .text("hour")), ("start_ms", .number(day)),
                ("end_ms", .number(day + 3_600_000)),
                ("scope", .text("workstation")), ("id", .text(id)), ("rev", .number(rev)),
                ("published_ms", .number(rev)), ("quality", .number(192)),
                ("units", .number(epoch * 100 + rev)),
              ], site: site)
            let version = Version(epoch: epoch, rev: rev)
            if let old = expected[id], (old.epoch, old.rev) >= (epoch, rev) { continue }
            expected[id] = version
          }
        }
        #expect(try session.ship(shipment) == [.applied(events: 0)])
        if Bool.random(using: &random) { #expect(try session.ship(shipment) == [.repeated]) }
      }
    }
    let found = try database.text("SELECT id, epoch, rev, units FROM andon.kpi ORDER BY id")
    let lines = expected.sorted { $0.key < $1.key }.map {
      "\($0.key)|\($0.value.epoch)|\($0.value.rev)|\($0.value.epoch * 100 + $0.value.rev)"
    }
    #expect(found == lines.joined(separator: "\n"))
  }

  @Test func theNewestStateOfACameraStands() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    func ship(_ seq: Int64, _ states: [(receivedMs: Int64, status: String)]) throws {
      let shipment = database.shipment("plant-a", epoch: epoch, seq...seq) { shipment, site in
        for state in states {
          shipment.add(
            .cameras,
            [
              ("camera_id", .text("cam-01")), ("events", .number(state.receivedMs)),
              ("last_event_ms", .number(state.receivedMs)), ("last_received_ms", .number(state.receivedMs)),
              ("status", .text(state.status)),
            ], site: site)
        }
      }
      #expect(try session.ship(shipment) == [.applied(events: 0)])
    }
    func status() throws -> String { try database.text("SELECT status, last_received_ms FROM andon.cameras") }
    try ship(1, [(5, "online"), (3, "offline")])
    #expect(try status() == "online|5")
    try ship(2, [(4, "offline")])
    #expect(try status() == "online|5")
    // Of two at one time the later row.
    try ship(3, [(5, "unknown"), (5, "offline")])
    #expect(try status() == "offline|5")
    try ship(4, [(9, "online")])
    #expect(try status() == "online|9")
  }

  @Test func aBadRowStoresNothingAndSaysWhy() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(database.event(day, "e1"), site: $1)
      $0.add(
        .gaps,
        [
          ("noted_at_ms", .number(1)), ("number", .number(1)), ("from_ms", .number(1)), ("to_ms", .number(2)),
        ], site: $1)
    }
    do {
      _ = try session.ship(shipment)
      Issue.record("it was stored")
    } catch .postgres(let error, _) {
      #expect(error.kind == .data)
      #expect(error.sqlState == "23502")
      #expect(!error.isOutcomeUnknown)
    }
    #expect(try database.text("SELECT count(*) FROM andon.event") == "0")
    #expect(try session.resume(site: "plant-a", epoch: epoch)?.seq == 0)
    let zero = database.shipment("plant-a", epoch: epoch, 1...1) {
      $0.add(database.event(day, "e\0"), site: $1)
    }
    #expect(throws: CentralError.self) { try session.ship(zero) }
  }

  /// A warning at the commit means that the standby may not have it.
  @Test func aWarningLeavesTheOutcomeUnknown() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    try database.server.run(
      """
      CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE WARNING 'might not have been replicated'; RETURN NULL; END $$;
      CREATE TRIGGER warn AFTER UPDATE ON andon.head EXECUTE FUNCTION warn()
      """, in: database.name)
    do {
      _ = try session.ship(database.shipment("plant-a", epoch: epoch, 1...1))
      Issue.record("the warning was not seen")
    } catch .postgres(let error, _) {
      #expect(error.isOutcomeUnknown)
      #expect(error.message == "might not have been replicated")
    }
    try database.server.run("DROP TRIGGER warn ON andon.head", in: database.name)
    #expect(try session.ship(database.shipment("plant-a", epoch: epoch, 1...1)) == [.repeated])
  }
}
