import Foundation
import GRDB
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Many sites over one connection: each has its turn, and what is wrong with one holds no other up.
@Suite(.ownThread) struct ShipperRoundTests {
  /// Takes all, but for a site whose statements it cannot carry out.
  private final class Link: CentralLink {
    var broken: String?
    private(set) var shipped: [String: Int] = [:]
    private(set) var statements = 0
    private(set) var resumed = 0
    private var positions: [String: ShipPosition] = [:]
    var isOpen: Bool { true }

    func close() {}

    func about() throws(CentralError) -> CentralAbout {
      CentralAbout(
        schemaVersion: CentralSchema.version, oldestWriter: 1, clusterID: "c", layout: "native", atMs: 0)
    }

    func take(sites: [String], bridge: String, retentionMs: Int64?) throws(CentralError) -> [CentralPosition]
    {
      sites.map { CentralPosition(siteID: $0, epoch: 1, seq: 0, tip: 0, newestEventMs: nil, bridgeID: nil) }
    }

    func resume(site: String, epoch: Int64) throws(CentralError) -> CentralPosition? {
      resumed += 1
      let there = positions[site] ?? .start
      var position = CentralPosition(
        siteID: site, epoch: 1, seq: there.seq, tip: there.tip, newestEventMs: nil, bridgeID: nil)
      position.isMine = true
      return position
    }

    func ship(_ parts: [SiteShipment]) throws(CentralError) -> [ShipmentOutcome] {
      statements += 1
      if parts.contains(where: { $0.site.id == broken }) {
        throw .postgres(PostgresError(.unknown, "index is damaged", sqlState: "XX002"), place: "pg")
      }
      for part in parts {
        shipped[part.site.id, default: 0] += part.records.count
        positions[part.site.id] = ShipPosition(seq: part.site.lastSeq, tip: part.site.tip)
      }
      return parts.map { _ in .applied(events: 0) }
    }

    func maintain(oldestMs: Int64?) throws(CentralError) -> [CentralAction] {
      throw .postgres(PostgresError(.again, "a lock is not free", sqlState: "55P03"), place: "pg")
    }

    func requests() throws(CentralError) -> [CentralRequest] { [] }

    func answered(_ request: CentralRequest) throws(CentralError) {}
  }

  private final class Clock: Sendable {
    private let ms = Mutex<Int64>(TestSite.nowMs)
    var wall: WallClock { WallClock { [self] in ms.withLock { $0 } } }
    func advance(_ by: Int64) { ms.withLock { $0 += by } }
  }

  private func shipper(_ sites: [(SiteSettings, SiteStore)], _ link: Link, _ clock: Clock) -> Shipper {
    Shipper(
      bridge: "box", retentionMs: nil, place: "pg", clock: clock.wall, random: SplitMix64(seed: 1),
      source: { sites }
    ) { () throws(CentralError) in link }
  }

  /// Each with one commit in its log.
  private func sites(_ count: Int) throws -> (folder: String, sites: [(SiteSettings, SiteStore)]) {
    let folder = NSTemporaryDirectory() + "andon-rounds-\(UUID().uuidString)"
    let names = (0..<count).map { "{id: site-\($0), timezone: UTC}" }.joined(separator: ", ")
    let settings = try SettingsLoader.parse(
      yaml: "bridge: {data_dir: \(folder)}\nsites: [\(names)]", file: "test.yaml", environment: [:])
    return (
      folder,
      try settings.sites.map { site in
        let store = try SiteStore.openForWriting(path: settings.databasePath(site: site.id), siteID: site.id)
        try store.setLog(ShipSelection(events: true, scopes: [.site]))
        try addGap(store)
        return (site, store)
      }
    )
  }

  private func addGap(_ store: SiteStore) throws {
    try store.commit {
      try $0.add([GapRow(cause: .sessionLost, fromMs: 1, toMs: 2, notedAtMs: TestSite.nowMs, detail: "d")])
    }
  }

  @Test func eachSiteHasItsTurn() throws {
    let (folder, sites) = try sites(150)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let link = Link()
    let shipper = shipper(sites, link, Clock())
    var outcomes: [Shipper.Outcome] = []
    while outcomes.last != .idle, outcomes.count < 10 { outcomes.append(shipper.round()) }
    // 64, 64, 22; who was left out is not kept waiting.
    #expect(
      outcomes == [.shipped(isFull: true), .shipped(isFull: true), .shipped(isFull: false), .idle],
      "\(outcomes)")
    #expect(link.shipped.count == 150)
    #expect(shipper.status.trouble == nil && shipper.status.maintenanceTrouble != nil, "\(shipper.status)")
    // Nothing was committed since: no file is looked at, no statement sent.
    let before = link.statements
    #expect(shipper.round() == .idle && link.statements == before)
    // Busy ones do not push the others back.
    for (_, store) in sites { try addGap(store) }
    for _ in 0..<3 {
      for (_, store) in sites.prefix(70) { try addGap(store) }
      _ = shipper.round()
    }
    #expect(link.shipped.values.min() == 2, "\(link.shipped.filter { $0.value < 2 }.count) sites had no turn")
    for (_, store) in sites { try store.close() }
  }

  @Test func aStatementThatTheServerCannotCarryOutHoldsOneSiteUp() throws {
    let (folder, sites) = try sites(5)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (link, clock) = (Link(), Clock())
    link.broken = "site-3"
    let shipper = shipper(sites, link, clock)
    for _ in 0..<10 { _ = shipper.round() }
    #expect(link.shipped.keys.sorted() == ["site-0", "site-1", "site-2", "site-4"])
    #expect(shipper.status.sites["site-3"]?.trouble?.contains("index is damaged") == true)
    #expect(shipper.status.trouble == nil)
    // What it means for the rows is not known: they are not given up.
    #expect(try sites[3].1.gaps(newest: 10).map(\.cause) == [.sessionLost])
    for (_, store) in sites { try addGap(store) }
    _ = shipper.round()
    #expect(link.shipped["site-0"] == 2)
    link.broken = nil
    clock.advance(31_000)
    for _ in 0..<3 { _ = shipper.round() }
    #expect(link.shipped["site-3"] == 2)
    #expect(shipper.status.sites["site-3"]?.trouble == nil)
    for (_, store) in sites { try store.close() }
  }

  @Test func aBackfillThatCannotBeReadHoldsNoLogUp() throws {
    let (folder, sites) = try sites(1)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (link, clock, store) = (Link(), Clock(), sites[0].1)
    try store.addBackfill(ShipRange(fromMs: 0, toMs: .max, kinds: ShipKinds([.stop])))
    try store.commit { try $0.db.execute(sql: "ALTER TABLE told_stop RENAME TO away") }
    let shipper = shipper(sites, link, clock)
    for turn in 1...20 {
      try addGap(store)
      _ = shipper.round()
      clock.advance(200)
      #expect(link.shipped["site-0"] == turn + 1, "the log stands still")
    }
    _ = shipper.round()
    #expect(
      shipper.status.sites["site-0"]?.backfillTrouble?.contains("told_stop") == true, "\(shipper.status)")
    try store.commit { try $0.db.execute(sql: "ALTER TABLE away RENAME TO told_stop") }
    clock.advance(61_000)
    for _ in 0..<3 { _ = shipper.round() }
    #expect(try store.backfills().isEmpty)
    #expect(shipper.status.sites["site-0"]?.backfillTrouble == nil)
    try store.close()
  }
}
