import Foundation

/// How much to fuzz: a little in every test run, much more with `make fuzz`.
enum Fuzz {
  private static let environment = ProcessInfo.processInfo.environment

  /// - Parameter few: the number of inputs unless the environment sets another one.
  static func inputs(_ few: Int) -> Int { environment["ANDON_FUZZ_INPUTS"].flatMap { Int($0) } ?? few }

  /// Measures the slowest input, and reports it at the end.
  struct Stopwatch {
    private(set) var slowest: Duration = .zero
    private let started = ContinuousClock.now

    mutating func time<Result>(_ body: () throws -> Result) rethrows -> Result {
      let start = ContinuousClock.now
      defer { slowest = max(slowest, ContinuousClock.now - start) }
      return try body()
    }

    func report(_ name: String, _ inputs: Int, _ more: String = "") {
      print("fuzz: \(name): \(inputs) inputs in \(ContinuousClock.now - started), slowest \(slowest) \(more)")
    }
  }
}
