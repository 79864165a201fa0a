import AndonCore

/// Whether a connection of the bridge's own stands, for `/status`.
package struct ConnectionStatus: Sendable, Equatable {
  package private(set) var isConnected = false
  /// Since when it is so, epoch milliseconds.
  package private(set) var sinceMs: Int64
  /// Why it does not stand and what to do, in words; nil while it does, and before the first attempt failed.
  package private(set) var trouble: String?
  /// Since when it is so by the monotonic clock, which no setting of the time moves.
  private var sinceMonotonicMs: Int64

  /// Without a connection for longer than that, the bridge is not ready.
  package static let patienceMs: Int64 = 15_000

  package init(nowMs: Int64, monotonicMs: Int64) {
    (sinceMs, sinceMonotonicMs) = (nowMs, monotonicMs)
  }

  package mutating func show(_ health: ConnectionHealth, nowMs: Int64, monotonicMs: Int64) {
    if health.isConnected != isConnected {
      (isConnected, sinceMs, sinceMonotonicMs) = (health.isConnected, nowMs, monotonicMs)
    }
    trouble = health.trouble
  }

  /// Why the bridge is not ready because of it; nil when it is.
  package func whyNotReady(_ name: String, monotonicMs: Int64) -> String? {
    guard !isConnected, monotonicMs - sinceMonotonicMs >= Self.patienceMs else { return nil }
    return
      "\(name): no connection since \(CivilTime.text(epochMs: sinceMs)): \(trouble ?? "the broker does not answer")"
  }
}
