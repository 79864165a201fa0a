import Foundation

@testable import AndonStatus

/// A whole bridge under one seed: first with random faults (safety), then without faults (liveness); then
/// every property is checked. The same seed gives the same run, step by step.
final class BridgeSimulation: SeededSimulation {
  let seed: UInt64
  private let chance: Chance
  private let clock: VirtualClock
  private let broker: BrokerModel
  private var sites: [SimulatedSite] = []
  private var traced: [String] = []
  private let isTracing: Bool
  private var hasSteppedClock = false
  /// The greatest number of steps after the faults end until everything is stored.
  private static let livenessTurns = 2000

  init(seed: UInt64, isTracing: Bool = false) throws {
    self.seed = seed
    self.isTracing = isTracing
    chance = Chance(seed: seed)
    clock = VirtualClock(startMs: TestSite.nowMs + 86_400_000)
    broker = BrokerModel(monotonicMs: { [clock] in clock.monotonicMs })
    let ids = (0...chance.below(2)).map { "plant-\($0)" }
    let board = StatusBoard(bridgeID: "sim", siteIDs: ids, startedAtMs: clock.wallMs)
    for id in ids {
      let site = try SimulatedSite(
        id, broker, chance, clock, board: board, trace: { [unowned self] in trace($0) })
      if seed % 3 == 0 { try site.switchLogOn(limitBytes: seed % 2 == 0 ? 4000 : 1 << 30) }
      sites.append(site)
    }
  }

  private func trace(_ line: @autoclosure () -> String) {
    if isTracing { traced.append("\(clock.monotonicMs) \(line())") }
  }

  var history: String { traced.joined(separator: "\n") }

  /// The properties that did not hold; empty when all did.
  func run() throws -> [String] {
    chance.mixRates()
    if chance.below(3) == 0 { broker.queueLimit = 1 + chance.below(20) }
    for _ in 0..<25 + chance.below(45) { try disturbedStep() }
    chance.rates = Chance.Rates()
    broker.queueLimit = .max
    for site in sites { try site.mendDisk() }
    try settle()
    // Drift found under earlier settings is judged again with the next sample.
    for site in sites { site.cameras.speak() }
    let turns = try settle()
    var broken = try sites.flatMap { try $0.brokenPromises(timesAreComparable: !hasSteppedClock) }
    if !sites.allSatisfy(\.isDone) {
      broken.append("liveness: not done after \(turns) turns without a fault")
    }
    return broken
  }

  /// Runs until everything is stored. Returns the number of steps.
  @discardableResult
  private func settle() throws -> Int {
    var turns = 0
    while !sites.allSatisfy(\.isDone), turns < Self.livenessTurns {
      clock.advance(milliseconds: max(250, sites.map(\.dueInMs).min() ?? 0))
      for site in sites { try site.turn() }
      turns += 1
    }
    return turns
  }

  private func disturbedStep() throws {
    clock.advance(milliseconds: Int64(1 + chance.below(3000)))
    if chance.happens(\.clockSteps) {
      hasSteppedClock = true
      clock.stepWall(milliseconds: Int64(chance.below(7_200_000)) - 3_600_000)
      trace("the clock steps to \(clock.wallMs)")
    }
    for site in sites {
      for _ in 0..<chance.below(4) { site.publish() }
      if chance.happens(\.sessionLost) {
        trace("\(site.id) loses its session")
        broker.loseSession(site.client)
      }
    }
    if chance.happens(\.brokerRestarts) {
      trace("the broker restarts")
      broker.restart()
    }
    for site in sites { try site.turn() }
  }
}
