import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStore

/// Random lives of a site, its shipper and a central database that loses answers, warns, is set back and gives the site to
/// another bridge: what it has at the end is what the tables hold, each row once.
@Suite(.ownThread) struct ShipperPropertyTests {
  private static let count =
    1 + (ProcessInfo.processInfo.environment["ANDON_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 12)

  private final class Clock: Sendable {
    private let ms = Mutex<Int64>(TestSite.nowMs)
    var wall: WallClock { WallClock { [self] in ms.withLock { $0 } } }
    func advance() { ms.withLock { $0 += 61_000 } }
  }

  /// - Parameter run: each run of a bridge has another.
  private static func shipper(
    _ history: ShipHistory, _ central: ModelCentral, _ clock: Clock, run: Int = 1
  ) -> Shipper {
    Shipper(
      bridge: "bridge-01", retentionMs: nil, place: "model",
      clock: clock.wall,
      random: SplitMix64(seed: 1), source: { [(history.site, history.store)] }
    ) { ModelLink(central, run) }
  }

  @Test func theCentralDatabaseHasWhatTheTablesHold() throws {
    var (fenced, regressed, lost) = (0, 0, 0)
    let seeds = Seed.many(1..<Self.count)
    // Found what was wrong once: a step that was lost with the position, an erasure that was told again.
    for seed in seeds + (seeds.count > 1 ? [1057, 2749] : []) {
      let history = try ShipHistory(seed: seed)
      let central = ModelCentral(seed: seed &+ 77)
      let clock = Clock()
      var shipper = Self.shipper(history, central, clock)
      var copy: ModelCentral.Copy?
      var run = 1
      func restarted() -> Shipper {
        run += 1
        return Self.shipper(history, central, clock, run: run)
      }
      for _ in 0..<80 {
        try history.live()
        clock.advance()
        switch central.below(10) {
        case 0: central.troublePercent = [0, 0, 20, 60][central.below(4)]
        case 1: shipper = restarted()
        case 2:
          // A server that forgets an erasure brings a person back: its backups must be as young as that.
          if history.erased.isEmpty, let old = copy {
            central.goBack(to: old)
            shipper.close()
            // Another bridge gets the epoch that this one has.
            if central.below(3) == 0 { _ = central.take(by: "bridge-02", 0) }
          } else {
            copy = central.copy
          }
        case 3:
          if central.below(4) == 0 { _ = central.take(by: "bridge-02", 0) }
        case 4:
          if central.below(4) == 0 {
            let fromMs = TestSite.nowMs - Int64(central.below(10)) * 3_600_000
            central.requests.append(
              CentralRequest(
                siteID: "plant-a", fromMs: fromMs, toMs: fromMs + 1 + Int64(central.below(7_200_000))))
          }
        default: for _ in 0..<1 + central.below(4) { _ = shipper.round() }
        }
        lost += Int(shipper.status.unknownOutcomes)
        if shipper.status.sites["plant-a"]?.state == .fenced {
          fenced += 1
          #expect(shipper.status.sites["plant-a"]?.heldBy != nil)
          shipper = restarted()
        }
        if shipper.status.sites["plant-a"]?.regressedAtMs != nil { regressed += 1 }
      }
      try history.settle()
      try Self.finish(restarted(), history, central, clock, seed)
    }
    // One seed alone may be without some of it.
    guard seeds.count > 5 else { return }
    #expect(
      fenced > 0 && regressed > 0 && lost > 0, "\(fenced) fenced, \(regressed) set back, \(lost) lost answers"
    )
  }

  /// Without trouble all is shipped, and nothing else is there.
  private static func finish(
    _ shipper: Shipper, _ history: ShipHistory, _ central: ModelCentral, _ clock: Clock, _ seed: UInt64
  ) throws {
    central.troublePercent = 0
    var rounds = 0
    while shipper.round() != .idle {
      rounds += 1
      clock.advance()
      try #require(rounds < 20_000, "SEED=\(seed) does not end")
    }
    #expect(central.requests.isEmpty, "SEED=\(seed)")
    let missing = try ShipTables.missing(history.store, at: central.server)
    #expect(missing.prefix(3) == [], "SEED=\(seed) brings it back")
    let extra = try ShipTables.extra(history.store, at: central.server)
    #expect(extra.prefix(3) == [], "SEED=\(seed) brings it back")
    let state = try #require(try history.store.shipState())
    #expect(state.acked == state.committed && central.server.head == state.acked, "SEED=\(seed)")
  }

  @Test func aRefusedRowIsAGapAndHoldsNothingElseUp() throws {
    let history = try ShipHistory(seed: 5)
    for _ in 0..<30 { try history.live() }
    try history.settle()
    let central = ModelCentral(seed: 5)
    central.poison = " W2 "
    let clock = Clock()
    let shipper = Self.shipper(history, central, clock)
    var rounds = 0
    while shipper.round() != .idle {
      rounds += 1
      clock.advance()
      try #require(rounds < 2000)
    }
    let refused = shipper.status.sites["plant-a"]?.refusedRows ?? 0
    #expect(refused > 0 && central.refusals > Int(refused))
    let gaps = try history.store.gaps(newest: 10_000).filter { $0.cause == .centralLost }
    #expect(!gaps.isEmpty && gaps.count <= Int(refused), "\(gaps.count) gaps, \(refused) refused")
    #expect(gaps.allSatisfy { $0.detail.contains("refused") && !$0.detail.contains("W2") })
    // Only these are missing.
    let missing = try ShipTables.missing(history.store, at: central.server)
    #expect(missing.allSatisfy { $0.contains("W2") }, "\(missing.filter { !$0.contains("W2") }.prefix(2))")
  }

  @Test func anotherDatabaseIsAMistakeAndNotABeginning() throws {
    let history = try ShipHistory(seed: 7)
    for _ in 0..<20 { try history.live() }
    try history.settle()
    let clock = Clock()
    let first = ModelCentral(seed: 7)
    let shipper = Self.shipper(history, first, clock)
    while shipper.round() != .idle {}
    let other = ModelCentral(seed: 8)
    other.cluster = "c-2"
    let lost = Self.shipper(history, other, clock)
    #expect(lost.round() == .idle)
    #expect(lost.status.sites["plant-a"]?.state == .foreign && other.server.rows.isEmpty)
  }
}
