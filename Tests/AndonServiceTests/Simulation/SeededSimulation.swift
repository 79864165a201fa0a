import Foundation
import Synchronization
import TestSupport

/// A simulation that is determined by its seed.
protocol SeededSimulation: SendableMetatype {
  init(seed: UInt64, isTracing: Bool) throws
  /// The properties that did not hold, as messages; empty when all did.
  func run() throws -> [String]
  /// The trace of the run, where there is one.
  var history: String { get }
}

extension SeededSimulation {
  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// Runs `ANDON_SIMULATION_SEEDS` seeds in parallel and returns what broke, at most a few of them. With
  /// `SEED` it runs only that seed, with its history.
  ///
  ///  - Parameter share: The percentage of the seeds for this kind of simulation.
  static func brokenSeeds(share: Int = 100) throws -> [String] {
    if let seed = Seed.given {
      let simulation = try Self(seed: seed, isTracing: true)
      let broken = try simulation.run()
      print("\(Self.self), seed \(seed):\n\(simulation.history)")
      return broken.map { "seed \(seed): \($0)" }
    }
    let wanted = environment["ANDON_SIMULATION_SEEDS"].flatMap(Int.init)
    // Every `make test` runs the same seeds; an explicit number of seeds asks for random ones.
    let first = wanted == nil ? 1 : UInt64.random(in: 0..<UInt64(1) << 48)
    let count = UInt64(max(1, (wanted ?? 300) * share / 100))
    let started = ContinuousClock.now
    let broken = run(first..<first + count)
    print("simulation: \(Self.self): \(count) seeds from \(first) in \(ContinuousClock.now - started)")
    return broken
  }

  private static func run(_ seeds: Range<UInt64>) -> [String] {
    let found = Mutex<[String]>([])
    let workers = max(1, environment["ANDON_SIMULATION_THREADS"].flatMap(Int.init) ?? 1)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for seed in seeds where seed % UInt64(workers) == UInt64(worker) && found.withLock({ $0.count < 5 }) {
        do {
          let broken = try Self(seed: seed, isTracing: false).run()
          guard !broken.isEmpty else { continue }
          found.withLock { $0.append("seed \(seed): \(broken.joined(separator: "; "))") }
        } catch {
          found.withLock { $0.append("seed \(seed): \(error)") }
        }
      }
    }
    return found.withLock { $0 }
  }
}
