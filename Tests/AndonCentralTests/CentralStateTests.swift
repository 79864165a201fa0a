import AndonCore
import AndonStore
import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral

/// Patches and bases at the server: who may read them, and what a bridge that keeps the state leaves there.
@Suite(.ownThread) struct CentralStateTests {
  private func part(_ database: CentralTestDatabase, _ epoch: Int64, _ seqs: ClosedRange<Int64>)
    -> SiteShipment
  {
    var part = SiteShipment(
      Shipment.Site(
        id: "plant-a", epoch: epoch, firstSeq: seqs.lowerBound, lastSeq: seqs.upperBound, tip: seqs.upperBound
      ),
      seqs.map { .event(database.event($0, "e\($0)")) })
    part.patches = seqs.map { ($0, ShippedPatch(after: $0, bytes: [1, 2, UInt8($0)])) }
    return part
  }

  @Test func patchesAndBasesGoWithThePosition() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let link: any CentralLink = session
    let epoch = try database.take(session, ["plant-a"])
    #expect(try link.ship([part(database, epoch, 1...3)]) == [.applied(events: 3)])
    // The answer was lost: again.
    #expect(try link.ship([part(database, epoch, 1...3)]) == [.repeated])
    // It does not follow.
    #expect(try link.ship([part(database, epoch, 7...8)]) == [.otherPosition])
    #expect(
      try database.text("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM andon.site_log") == "1 2 3")
    var based = part(database, epoch, 4...5)
    based.base = WorkingState(
      position: ShipPosition(seq: 5, tip: 5), migrations: ["0.1.0", "second"], image: [9, 8, 7])
    #expect(try link.ship([based]) == [.applied(events: 2)])
    #expect(try database.text("SELECT count(*) FROM andon.site_log") == "0")
    #expect(try link.ship([part(database, epoch, 6...6)]) == [.applied(events: 1)])
    let restore = try CentralRestore(database.settings("andon_bridge"), site: "plant-a")
    defer { restore.close() }
    let base = try #require(try restore.base())
    #expect(base.position == ShipPosition(seq: 5, tip: 5) && base.migrations == ["0.1.0", "second"])
    #expect(base.image == [9, 8, 7])
    let patches = try restore.patches(after: 5)
    #expect(patches.map(\.seq) == [6] && patches.map(\.patch) == [ShippedPatch(after: 6, bytes: [1, 2, 6])])
    #expect(try restore.patches(after: 6).isEmpty)
    // Page by page, each event once.
    var events: [ShippedEvent] = []
    while true {
      let page = try restore.events(fromMs: 2, after: events.last, rows: 2)
      if page.isEmpty { break }
      events += page
    }
    #expect(events == (2...6).map { database.event($0, "e\($0)") })
    // What is shipped after the snapshot began is not in it.
    #expect(try link.ship([part(database, epoch, 7...7)]) == [.applied(events: 1)])
    #expect(try restore.patches(after: 6).isEmpty && restore.head()?.position.seq == 6)
  }

  @Test func onlyFunctionsForBridgesReadTheState() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    let shipment = database.shipment("plant-a", epoch: epoch, 1...1, counters: [1, 1]) {
      $0.add(database.event(5, "e1"), site: $1)
    }
    _ = try session.ship(shipment)
    // A site without a working state is not read either.
    let restore = try CentralRestore(database.settings("andon_bridge"), site: "plant-a")
    #expect(try restore.events(fromMs: 0, after: nil, rows: 10).isEmpty && restore.base() == nil)
    restore.close()
    for (role, statement) in [
      ("andon_reader", "SELECT * FROM andon.site_base"), ("andon_reader", "SELECT * FROM andon.site_log"),
      ("andon_reader", "SELECT * FROM andon.base_v1('plant-a')"),
      ("andon_reader", "SELECT * FROM andon.patches_v1('plant-a', 0)"),
      ("andon_bridge", "SELECT * FROM andon.site_base"), ("andon_bridge", "SELECT * FROM andon.site_log"),
    ] {
      let error = #expect(throws: PostgresError.self) {
        try database.connection(role).execute(statement)
      }
      #expect(error?.sqlState == "42501", "\(role): \(statement)")
    }
  }
}
