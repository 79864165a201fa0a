import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonCore
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Where the central database is the truth, a commit returns when that has it, and fails when another bridge has the site.
@Suite(.ownThread) struct CommitGateTests {
  /// A site whose log a thread ships to a model of the database, from commit to commit.
  private final class ShippedFile: @unchecked Sendable {
    let test: TestSite
    let central: ModelCentral
    let leases = FleetLeases()
    let gate: CommitGate
    private let wakeUp: DispatchSemaphore
    private let isOver = Atomic(false)
    private let nowMs = Atomic(TestSite.nowMs)

    var store: SiteStore { test.store }

    init(seed: UInt64 = 1, limitMs: Int = 10_000) throws {
      test = try TestSite()
      central = ModelCentral(seed: seed)
      let wakeUp = DispatchSemaphore(value: 0)
      self.wakeUp = wakeUp
      gate = CommitGate(limitMs: limitMs) { wakeUp.signal() }
      try test.store.setLog(ShipSelection(events: true, scopes: Set(KPIScope.allCases), keepsState: true))
      try test.store.hold(gate)
      let position = central.take(by: "bridge-01", 1)
      leases.hold("plant-a", epoch: position.epoch)
    }

    /// On a thread, until `stop`. Each look at the clock is a minute later, so that no back-off is waited for.
    func start() {
      let thread = Thread { [self] in
        let shipper = Shipper(
          bridge: "bridge-01", retentionMs: nil, place: "model",
          clock: WallClock { [self] in nowMs.add(60_000, ordering: .relaxed).newValue },
          random: SplitMix64(seed: 1),
          leases: leases, source: { [self] in [(test.site, test.store)] }
        ) { [self] () throws(CentralError) in ModelLink(central, 1) }
        while !isOver.load(ordering: .acquiring) {
          if shipper.round() == .idle { wakeUp.wait() }
        }
        isOver.store(false, ordering: .releasing)
      }
      thread.start()
    }

    func stop() {
      isOver.store(true, ordering: .releasing)
      wakeUp.signal()
      while isOver.load(ordering: .acquiring) { usleep(1000) }
    }

    func addGap(_ number: Int64) throws {
      try store.commit { transaction in
        try transaction.add([
          GapRow(cause: .sessionLost, fromMs: number, toMs: number + 1, notedAtMs: TestSite.nowMs, detail: "")
        ])
      }
    }

    var isWhole: Bool {
      get throws {
        let state = try #require(try store.shipState())
        return state.acked == state.committed && central.server.head == state.committed
      }
    }
  }

  @Test func whatIsCommittedIsInTheCentralDatabase() throws {
    for seed in Seed.many(1..<20) {
      let file = try ShippedFile(seed: seed)
      file.central.troublePercent = seed % 2 == 0 ? 30 : 0
      file.start()
      defer { file.stop() }
      for number in 1...30 {
        try file.addGap(Int64(number))
        // The thread is idle now: all of it was answered.
        #expect(try file.isWhole, "SEED=\(seed) commit \(number)")
        #expect(file.gate.isOpen)
      }
      #expect(file.central.server.rows.count { $0.key.hasPrefix("gap") } == 30, "SEED=\(seed)")
    }
  }

  @Test func aCommitThatIsNotConfirmedInTimeIsInTheFileAndShippedLater() throws {
    let file = try ShippedFile(limitMs: 50)
    #expect(throws: NotShipped.late(seconds: 0)) { try file.addGap(1) }
    #expect(!file.gate.isOpen)
    // The next one waits for the first, too, also when it changes nothing.
    #expect(throws: NotShipped.late(seconds: 0)) { try file.store.commit { _ in } }
    file.start()
    defer { file.stop() }
    while !file.gate.isOpen { usleep(1000) }
    try file.store.commit { _ in }
    #expect(try file.isWhole)
    #expect(file.central.server.rows.count == 1)
  }

  @Test func whatAnotherBridgeHoldsIsNotCommitted() throws {
    let file = try ShippedFile()
    file.start()
    defer { file.stop() }
    try file.addGap(1)
    // Meanwhile the thread waits for a commit.
    _ = file.central.take(by: "bridge-02", 7)
    #expect(throws: NotShipped.fenced(by: "bridge-02")) { try file.addGap(2) }
    #expect(throws: NotShipped.fenced(by: "bridge-02")) { try file.addGap(3) }
    #expect(file.central.server.rows.count == 1, "a zombie's row")
    #expect(!file.gate.isOpen)
  }

  @Test func aFileWithoutTheNewestCommitsIsStaleAndNotMerged() throws {
    let file = try ShippedFile()
    var there = SiteShipment(
      Shipment.Site(id: "plant-a", epoch: 1, firstSeq: 1, lastSeq: 1, tip: 5), [])
    there.site.counters = []
    // Another bridge committed under the number that the next commit gets here.
    _ = try file.central.ship(there, 1)
    file.start()
    defer { file.stop() }
    #expect(throws: NotShipped.stale) { try file.addGap(1) }
    #expect(file.central.server.rows.isEmpty && file.central.server.head.seq == 1)
    #expect(try file.store.shipState()?.committed.seq == 1, "it was renumbered")
  }

  @Test func aServerThatLostWhatItConfirmedWaitsForAPerson() throws {
    let file = try ShippedFile()
    let before = file.central.copy
    file.start()
    try file.addGap(1)
    file.stop()
    // The kept log is gone, as after ten minutes.
    _ = try file.store.trimLog(nowMs: TestSite.nowMs)
    _ = try file.store.trimLog(nowMs: TestSite.nowMs + 900_000)
    file.central.goBack(to: before)
    file.start()
    defer { file.stop() }
    #expect(throws: NotShipped.regressed) { try file.addGap(2) }
    #expect(file.central.server.rows.isEmpty)
  }
}
