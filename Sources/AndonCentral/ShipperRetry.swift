/// When to try again after failures: 0.25 s, doubled up to 30 s, each 20 % shorter or longer, so that bridges that lost
/// the same server do not come back in the same instant. In a fleet, where cameras wait for it, at most 2 s.
struct ShipperRetry {
  private static let firstMs: Int64 = 250
  private let mostMs: Int64
  private var failures = 0
  private(set) var notBeforeMs: Int64 = .min

  init(isFleet: Bool) { mostMs = isFleet ? 2000 : 30_000 }

  mutating func failed(nowMs: Int64, _ random: inout some RandomNumberGenerator) {
    let pauseMs = min(mostMs, Self.firstMs << min(failures, 10))
    failures += 1
    notBeforeMs = nowMs + pauseMs + Int64.random(in: -pauseMs / 5...pauseMs / 5, using: &random)
  }

  /// Whether it is too early. A clock that was set back makes nothing wait for longer than the longest pause.
  func holds(at nowMs: Int64) -> Bool {
    nowMs < notBeforeMs && notBeforeMs - nowMs <= mostMs * 2
  }

  mutating func succeeded() { (failures, notBeforeMs) = (0, .min) }
}
