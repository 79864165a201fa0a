/// Waits between attempts: doubled up to a limit, with full jitter, so that many sites that lost one broker
/// do not reconnect at the same time. The random numbers are an argument.
package struct Backoff: Sendable, Equatable {
  private(set) var attempt = 0
  private let firstMs: Int64
  private let limitMs: Int64

  package init(firstMs: Int64 = 250, limitMs: Int64 = 15_000) {
    self.firstMs = firstMs
    self.limitMs = limitMs
  }

  /// The next wait in milliseconds, 50…`limitMs`.
  package mutating func next(using generator: inout some RandomNumberGenerator) -> Int64 {
    let ceiling = min(limitMs, firstMs << Int64(min(attempt, 20)))
    attempt += 1
    return max(50, Int64.random(in: 0...ceiling, using: &generator))
  }

  /// An attempt succeeded: the next wait is short again.
  package mutating func reset() { attempt = 0 }
}
