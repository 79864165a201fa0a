@testable import AndonStatus

/// Two bridges with the same client id take the session from each other. What either of them acknowledged is
/// in its own file under all faults. Then one of them stops, and the other must receive everything that is
/// left.
final class TwinSimulation: SeededSimulation {
  private let chance: Chance
  private let clock: VirtualClock
  private let broker: BrokerModel
  private let one: SimulatedSite
  private let other: SimulatedSite
  private let traced: Trace

  private final class Trace {
    var lines: [String] = []
  }

  init(seed: UInt64, isTracing: Bool) throws {
    let (clock, traced) = (VirtualClock(startMs: TestSite.nowMs + 86_400_000), Trace())
    chance = Chance(seed: seed)
    broker = BrokerModel(monotonicMs: { clock.monotonicMs })
    self.clock = clock
    self.traced = traced
    let board = StatusBoard(bridgeID: "sim", siteIDs: ["plant-0"], startedAtMs: clock.wallMs)
    func trace(_ name: String) -> (String) -> Void {
      guard isTracing else { return { _ in } }
      return { traced.lines.append("\(clock.monotonicMs) \(name): \($0)") }
    }
    one = try SimulatedSite("plant-0", broker, chance, clock, board: board, owner: "one", trace: trace("one"))
    other = try SimulatedSite(
      "plant-0", broker, chance, clock, board: board, cameras: one.cameras, owner: "other",
      trace: trace("other"))
  }

  var history: String { traced.lines.joined(separator: "\n") }

  func run() throws -> [String] {
    chance.mixRates()
    for _ in 0..<25 + chance.below(45) {
      clock.advance(milliseconds: Int64(1 + chance.below(3000)))
      for _ in 0..<chance.below(4) { one.publish() }
      if chance.happens(\.brokerRestarts) { broker.restart() }
      for bridge in chance.below(2) == 0 ? [one, other] : [other, one] { try bridge.turn() }
    }
    chance.rates = Chance.Rates()
    for bridge in [one, other] { try bridge.mendDisk() }
    try other.stop()
    try settle()
    one.cameras.speak()
    let turns = try settle()
    try other.openFile()
    var broken = one.isDone ? [] : ["liveness: not done after \(turns) turns without a fault"]
    for (name, bridge) in [("one", one), ("other", other)] {
      broken += try bridge.brokenPromises(timesAreComparable: true, seesAllLosses: false)
        .map { "\(name): \($0)" }
    }
    return broken
  }

  @discardableResult
  private func settle() throws -> Int {
    var turns = 0
    while !one.isDone, turns < 2000 {
      clock.advance(milliseconds: max(250, one.dueInMs))
      try one.turn()
      turns += 1
    }
    return turns
  }
}
