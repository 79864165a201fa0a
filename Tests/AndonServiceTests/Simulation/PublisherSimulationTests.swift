import Foundation
import TestSupport
import Testing

/// Row 76 of docs/reliability.md: the production outbox and publisher under hundreds of seeds. `SEED=N`
/// replays one with its history.
@Suite(.serialized, .ownThread) struct PublisherSimulationTests {
  @Test func fault76_noTransitionIsLostOrLateForAnotherTopicsSake() throws {
    let environment = ProcessInfo.processInfo.environment
    if let text = environment["SEED"], let seed = UInt64(text) {
      let simulation = try PublisherSimulation(seed: seed)
      let broken = try simulation.run()
      print(simulation.trace)
      #expect(broken == [], "seed \(seed)")
      return
    }
    let count = environment["ANDON_SIMULATION_SEEDS"].flatMap(Int.init) ?? 200
    let isLong = environment["ANDON_SIMULATION_SEEDS"] != nil
    let first = isLong ? UInt64.random(in: 0..<UInt64(1) << 48) : 1
    let started = ContinuousClock.now
    var failures: [String] = []
    for seed in first..<first + UInt64(count) where failures.count < 5 {
      let broken = try PublisherSimulation(seed: seed).run()
      if !broken.isEmpty { failures.append("seed \(seed): \(broken.joined(separator: "; "))") }
    }
    print("publisher simulation: \(count) seeds from \(first) in \(ContinuousClock.now - started)")
    #expect(failures == [], "replay with SEED=<seed>")
  }
}
