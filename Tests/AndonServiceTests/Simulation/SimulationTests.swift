import Foundation
import Testing

/// The shipped lane, store and engine under thousands of seeds.
///
/// `make simulate-faults SEEDS=…` runs more of them; `ANDON_SIMULATION_SEED=N` replays one with its history.
@Suite(.serialized) struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  @Test func thePromisesHoldUnderEverySeed() async throws {
    if let text = Self.environment["ANDON_SIMULATION_SEED"], let seed = UInt64(text) {
      let simulation = try BridgeSimulation(seed: seed, isTracing: true)
      let broken = try simulation.run()
      print(simulation.history)
      #expect(broken == [], "seed \(seed)")
      return
    }
    let count = Self.environment["ANDON_SIMULATION_SEEDS"].flatMap(Int.init) ?? 1000
    let first = UInt64.random(in: 0..<UInt64(1) << 48)
    let started = ContinuousClock.now
    let broken = await withTaskGroup(of: [String].self) { group in
      let workers = min(4, ProcessInfo.processInfo.activeProcessorCount)
      for worker in 0..<workers {
        group.addTask {
          var broken: [String] = []
          for index in stride(from: worker, to: count, by: workers) where broken.count < 3 {
            let seed = first + UInt64(index)
            do {
              let found = try BridgeSimulation(seed: seed).run()
              if !found.isEmpty { broken.append("seed \(seed): \(found.joined(separator: "; "))") }
            } catch {
              broken.append("seed \(seed): \(error)")
            }
          }
          return broken
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    print("simulation: \(count) seeds from \(first) in \(ContinuousClock.now - started)")
    #expect(broken == [], "replay with ANDON_SIMULATION_SEED=<seed>")
  }

  @Test func aSeedReplaysExactly() throws {
    let one = try BridgeSimulation(seed: 42, isTracing: true)
    let other = try BridgeSimulation(seed: 42, isTracing: true)
    _ = try one.run()
    _ = try other.run()
    let normalised = { (text: String) in text.replacing(/andon-sim-[0-9A-F-]+/, with: "disk") }
    #expect(normalised(one.history) == normalised(other.history) && one.history.count > 500)
  }
}
