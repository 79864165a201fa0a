import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStore

/// A file that is restored from a real PostgreSQL, also while erasures wait there.
@Suite(.ownThread) struct RestoreDatabaseTests {
  private let server: PostgresServer
  private let name: String
  private let settings: PostgresSettings

  init() throws {
    server = try PostgresServer.shared.get()
    name = try server.makeDatabase()
    settings = try PostgresSettings(url: server.url(name))
    _ = try CentralAdministration(settings).initialize(layout: .native)
  }

  private func ship(_ history: ShipHistory, nowMs: Int64) throws {
    let incarnation = UUID().uuidString
    let shipper = Shipper(
      bridge: "bridge-01", retentionMs: nil, place: settings.place, hurries: true,
      clock: WallClock { nowMs }, random: SplitMix64(seed: 1), source: { [(history.site, history.store)] }
    ) { () throws(CentralError) in try CentralSession(settings, incarnation: incarnation) }
    defer { shipper.close() }
    for _ in 0..<2000 where shipper.round() == .idle { return }
    Issue.record("shipping does not end: \(shipper.status)")
  }

  @Test func aRestoredFileIsTheOneThatWasLost() throws {
    let history = try ShipHistory(seed: 11, keepsState: true)
    var patches = 0
    for point in 0..<4 {
      for _ in 0..<8 {
        for _ in 0..<3 { try history.live() }
        try ship(history, nowMs: TestSite.nowMs + Int64(point) * 200_000)
      }
      let path = try TemporaryFolder.make("restore").path + "/plant-a.sqlite"
      let source = try CentralRestore(settings, site: "plant-a")
      defer { source.close() }
      let report = try RestoreFixture.run(source, history, to: path)
      #expect(report.differing == [] && report.foreign == 0, "point \(point): \(report)")
      #expect(source.holder == "bridge-01")
      patches += report.patches
      let restored = try SiteStore.openForWriting(path: path, siteID: "plant-a")
      let (one, other) = (try FileDump.smallTables(history.store), try FileDump.smallTables(restored))
      #expect(FileDump.differences(one, other) == [], "point \(point)")
      #expect(try FileDump.events(restored) == FileDump.events(history.store), "point \(point)")
      #expect(try FileDump.problems(restored, history.site) == [], "point \(point)")
      let fromMs = TestSite.nowMs - 10_800_000
      let figures = try FileDump.figures(history.store, history.site, fromMs: fromMs)
      #expect(try FileDump.figures(restored, history.site, fromMs: fromMs) == figures, "point \(point)")
      try restored.close()
    }
    #expect(patches > 5)
    #expect(try server.run("SELECT count(*) FROM andon.site_base", in: name) == "1")
    #expect(
      try server.run(
        "SELECT count(*) FROM andon.site_log l JOIN andon.site_base b USING (site_id) WHERE l.seq <= b.seq",
        in: name)
        == "0")
  }

  @Test func erasuresThatWaitAreAsIfTheyWereDone() throws {
    let history = try ShipHistory(seed: 12, keepsState: true)
    for number in 0..<3 {
      let events = (0..<20).map { offset in
        (
          text: TestSite.event(
            TestSite.nowMs - 600_000 + Int64(number * 100 + offset), worker: "Zoe",
            more: #","event_id":"Zoe-\#(number)-\#(offset)""#), camera: "cam-1"
        )
      }
      try history.feed(events, to: history.store)
      try ship(history, nowMs: TestSite.nowMs)
    }
    #expect(try server.run("SELECT count(*) FROM andon.event WHERE worker_id = 'Zoe'", in: name) == "60")
    try history.eraseNow("Zoe")
    // Not a minute later: the server does not maintain itself.
    try ship(history, nowMs: TestSite.nowMs)
    for isDone in [false, true] {
      let path = try TemporaryFolder.make("restore").path + "/plant-a.sqlite"
      let source = try CentralRestore(settings, site: "plant-a")
      let report = try RestoreFixture.run(source, history, to: path)
      source.close()
      #expect(report.differing == [] && report.foreign == 0 && report.events == 60, "\(isDone): \(report)")
      let session = try CentralSession(settings, incarnation: UUID().uuidString)
      while try session.maintain().contains(where: { $0.name.hasPrefix("eras") }) {}
      session.close()
      #expect(try server.run("SELECT count(*) FROM andon.event WHERE worker_id = 'Zoe'", in: name) == "0")
      #expect(try server.run("SELECT count(*) FROM andon.event", in: name) == "60")
    }
  }

  @Test func anUnknownSiteAndOneWithoutStateAreRefused() throws {
    let history = try ShipHistory(seed: 13)
    let path = try TemporaryFolder.make("restore").path + "/plant-a.sqlite"
    #expect(throws: RestoreError.unknownSite) {
      try RestoreFixture.run(CentralRestore(settings, site: "plant-a"), history, to: path)
    }
    for _ in 0..<5 { try history.live() }
    try ship(history, nowMs: TestSite.nowMs)
    #expect(throws: RestoreError.noBase) {
      try RestoreFixture.run(CentralRestore(settings, site: "plant-a"), history, to: path)
    }
  }

  /// Another bridge took the site: what the first sends changes neither rows nor patches nor the base.
  @Test func aFencedBridgeChangesNoState() throws {
    let history = try ShipHistory(seed: 14, keepsState: true)
    for _ in 0..<5 { try history.live() }
    try ship(history, nowMs: TestSite.nowMs)
    let state = try #require(try history.store.shipState())
    let base = try #require(try history.store.workingState())
    let before = try server.run(
      "SELECT seq, md5(image) FROM andon.site_base UNION ALL SELECT count(*), '' FROM andon.site_log",
      in: name)
    let session = try CentralSession(settings, incarnation: UUID().uuidString)
    var part = SiteShipment(
      Shipment.Site(
        id: "plant-a", epoch: state.epoch, firstSeq: state.acked.seq + 1, lastSeq: state.acked.seq + 1, tip: 7
      ), [])
    part.patches = [(state.acked.seq + 1, ShippedPatch(after: 1, bytes: [1, 2]))]
    part.base = WorkingState(position: base.position, migrations: ["x"], image: [1])
    let outcomes = try (session as any CentralLink).ship([part])
    #expect(outcomes == [.fenced(by: "bridge-01")])
    let after = try server.run(
      "SELECT seq, md5(image) FROM andon.site_base UNION ALL SELECT count(*), '' FROM andon.site_log",
      in: name)
    #expect(before == after)
  }
}
