import Foundation
import Synchronization
import Testing

/// The shipped lane, store and engine under thousands of seeds.
///
/// `make simulate-faults SEEDS=…` runs more of them; `ANDON_SIMULATION_SEED=N` replays one with its history.
@Suite(.serialized, .ownThread) struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment

  @Test func thePromisesHoldUnderEverySeed() throws {
    if let text = Self.environment["ANDON_SIMULATION_SEED"], let seed = UInt64(text) {
      let simulation = try BridgeSimulation(seed: seed, isTracing: true)
      let broken = try simulation.run()
      print(simulation.history)
      #expect(broken == [], "seed \(seed)")
      return
    }
    let count = Self.environment["ANDON_SIMULATION_SEEDS"].flatMap(Int.init) ?? 300
    let first = UInt64.random(in: 0..<UInt64(1) << 48)
    let started = ContinuousClock.now
    let broken = Self.run(first..<first + UInt64(count))
    print("simulation: \(count) seeds from \(first) in \(ContinuousClock.now - started)")
    #expect(broken == [], "replay with ANDON_SIMULATION_SEED=<seed>")
  }

  /// Runs the seeds side by side and says what broke, at most a few of them.
  private static func run(_ seeds: Range<UInt64>) -> [String] {
    let found = Mutex<[String]>([])
    let workers = max(1, environment["ANDON_SIMULATION_THREADS"].flatMap(Int.init) ?? 1)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for seed in seeds where seed % UInt64(workers) == UInt64(worker) && found.withLock({ $0.count < 5 }) {
        do {
          let broken = try BridgeSimulation(seed: seed).run()
          if !broken.isEmpty {
            found.withLock { $0.append("seed \(seed): \(broken.joined(separator: "; "))") }
          }
        } catch {
          found.withLock { $0.append("seed \(seed): \(error)") }
        }
      }
    }
    return found.withLock { $0 }
  }

  /// Exactly, where Swift's own hashing is told to be (`make test` does): the order of a dictionary is the order
  /// of the writes.
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
