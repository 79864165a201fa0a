import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonCore
@testable import AndonStore

/// Random lives of a site, a shipper and a server: what the server has at the end is what the tables hold.
@Suite(.ownThread) struct ShipLogPropertyTests {
  private static let count =
    1 + (ProcessInfo.processInfo.environment["ANDON_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 12)

  @Test func theServerHasWhatTheTablesHold() throws {
    for seed in Seed.many(1..<Self.count) {
      let history = try ShipHistory(seed: seed)
      for _ in 0..<60 { try history.step() }
      #expect(try history.drain() < 20_000, "SEED=\(seed) does not end")
      #expect(history.server.fenced == 0, "SEED=\(seed)")
      let missing = try ShipTables.missing(history.store, at: history.server)
      #expect(missing.prefix(3) == [], "SEED=\(seed) brings it back")
      let extra = try ShipTables.extra(history.store, at: history.server)
      #expect(extra.prefix(3) == [], "SEED=\(seed) brings it back")
      let check = try history.store.checkLog()
      #expect(check.problems == [], "SEED=\(seed)")
      let state = try #require(try history.store.shipState())
      #expect(state.acked == state.committed && state.backlogBytes == 0)
      for worker in history.erased {
        let named = history.server.rows.keys.filter { $0.contains(" \(worker) ") }
        let known = try history.store.database.read {
          try StoreTransaction(reading: $0).nameID(.worker, worker)
        }
        // Events after the erasure are those of a new worker.
        if known == nil { #expect(named == [], "SEED=\(seed): the server still knows \(worker)") }
      }
    }
  }
}
