/// When to try again after failures: 0.25 s, doubled up to 30 s, each 20 % shorter or longer, so that bridges that lost
/// the same server do not come back in the same instant.
struct ShipperRetry {
  private static let firstMs: Int64 = 250
  private static let mostMs: Int64 = 30_000
  private var failures = 0
  private(set) var notBeforeMs: Int64 = .min

  mutating func failed(nowMs: Int64, _ random: inout some RandomNumberGenerator) {
    let pauseMs = min(Self.mostMs, Self.firstMs << min(failures, 10))
    failures += 1
    notBeforeMs = nowMs + pauseMs + Int64.random(in: -pauseMs / 5...pauseMs / 5, using: &random)
  }

  /// Whether it is too early. A clock that was set back makes nothing wait for longer than the longest pause.
  func holds(at nowMs: Int64) -> Bool {
    nowMs < notBeforeMs && notBeforeMs - nowMs <= Self.mostMs * 2
  }

  mutating func succeeded() { self = ShipperRetry() }
}
