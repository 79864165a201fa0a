import Foundation
import TestSupport
import Testing

/// The production ingest loop, store and engine under thousands of seeds.
///
///  `make simulate-faults SEEDS=…` runs more seeds; `SEED=n` replays one with its history.
@Suite(.ownThread) struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  @Test func thePromisesHoldUnderEverySeed() throws {
    let broken = try BridgeSimulation.brokenSeeds()
    #expect(broken == [], "SEED=<seed> repeats one")
  }

  @Test func twoBridgesOfOneNameLoseNothing() throws {
    let broken = try TwinSimulation.brokenSeeds(share: 15)
    #expect(broken == [], "SEED=<seed> repeats one")
  }

  @Test func damagedRowsAndBlobsGiveNoWrongFigures() throws {
    let broken = try DamageSimulation.brokenSeeds(share: 50)
    #expect(broken == [], "SEED=<seed> repeats one")
  }

  /// Exactly equal only with deterministic hashing (as in `make test`): the order of a dictionary is the
  /// order of the writes.
  @Test(.enabled(if: environment["SWIFT_DETERMINISTIC_HASHING"] != nil))
  func aSeedReplaysExactly() throws {
    let one = try BridgeSimulation(seed: 42, isTracing: true)
    let other = try BridgeSimulation(seed: 42, isTracing: true)
    _ = try one.run()
    _ = try other.run()
    let normalised = { (text: String) in text.replacing(/andon-sim-[0-9A-F-]+/, with: "disk") }
    #expect(normalised(one.history) == normalised(other.history) && one.history.count > 500)
  }
}
