import Foundation
import GRDB

@testable import AndonStatus

/// One site whose file loses a bit between two lives of its process: in a summary, a compacted bucket, an index of
/// rows or the state of a drift detector. Figures and drift must still be those of the events, and nothing may trap.
final class DamageSimulation: SeededSimulation {
  private static let blobs = [
    (table: "worker_summary", column: "summary"), (table: "compacted_bucket", column: "summaries"),
    (table: "drift_state", column: "state"), (table: "drift_checkpoint", column: "state"),
    (table: "drift_hour", column: "rules"), (table: "progress", column: "pending"),
    (table: "worker_index", column: "events"), (table: "compacted_bucket", column: "sums"),
    (table: "camera_index", column: "samples"),
  ]

  private let chance: Chance
  private let clock: VirtualClock
  private let broker: BrokerModel
  private let site: SimulatedSite
  private let traced: Trace

  private final class Trace {
    var lines: [String] = []
  }

  init(seed: UInt64, isTracing: Bool) throws {
    let (clock, traced) = (VirtualClock(startMs: TestSite.nowMs + 86_400_000), Trace())
    let chance = Chance(seed: seed)
    broker = BrokerModel(monotonicMs: { clock.monotonicMs })
    self.chance = chance
    self.clock = clock
    self.traced = traced
    let board = StatusBoard(bridgeID: "sim", siteIDs: ["plant-0"], startedAtMs: clock.wallMs)
    site = try SimulatedSite(
      "plant-0", broker, chance, clock, board: board,
      trace: { if isTracing { traced.lines.append("\(clock.monotonicMs) \($0)") } })
    site.betweenLives = { path in
      guard chance.below(2) == 0 else { return }
      let words = try Self.damage(path, chance)
      if isTracing { traced.lines.append(words) }
    }
  }

  var history: String { traced.lines.joined(separator: "\n") }

  func run() throws -> [String] {
    chance.mixRates()
    // Many lives, and disks without other faults.
    chance.rates.processDies = 60
    chance.rates.housekeeps = 200
    (chance.rates.diskFails, chance.rates.powerCuts) = (0, 0)
    for _ in 0..<40 + chance.below(80) {
      clock.advance(milliseconds: Int64(1 + chance.below(60_000)))
      for _ in 0..<chance.below(4) { site.publish() }
      try site.turn()
    }
    chance.rates = Chance.Rates()
    try site.mendDisk()
    _ = try settle()
    // Drift found under earlier settings is judged again with the next sample.
    site.cameras.speak()
    let turns = try settle()
    let broken = try site.brokenPromises(timesAreComparable: true, countsBeginAgain: true)
    return site.isDone ? broken : broken + ["liveness: not done after \(turns) turns without a fault"]
  }

  /// Runs until everything is stored. Returns the number of steps.
  private func settle() throws -> Int {
    var turns = 0
    while !site.isDone, turns < 2000 {
      clock.advance(milliseconds: max(250, site.dueInMs))
      try site.turn()
      turns += 1
    }
    return turns
  }

  /// Flips one bit of one blob. Returns which one.
  private static func damage(_ path: String, _ chance: Chance) throws -> String {
    let (table, column) = blobs[chance.below(blobs.count)]
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.write { db in
      // A process that died while it created the file leaves none.
      guard try db.tableExists(table) else { return "there is no \(table) yet" }
      let found = try Data.fetchAll(db, sql: "SELECT \(column) FROM \(table) WHERE length(\(column)) > 0")
      guard !found.isEmpty else { return "nothing to damage in \(table)" }
      let blob = found[chance.below(found.count)]
      var bytes = Array(blob)
      let place = chance.below(bytes.count)
      bytes[place] ^= 1 << UInt8(chance.below(8))
      // A flipped bit on a disk fires no trigger: the compacted bucket of a damaged summary stays.
      let triggers = try String.fetchAll(
        db, sql: "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", arguments: [table])
      let names = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", arguments: [table])
      for name in names { try db.execute(sql: "DROP TRIGGER \(name)") }
      try db.execute(
        sql: "UPDATE \(table) SET \(column) = ? WHERE \(column) = ?", arguments: [Data(bytes), blob])
      for trigger in triggers { try db.execute(sql: trigger) }
      return "byte \(place) of \(table).\(column) is damaged"
    }
  }
}
