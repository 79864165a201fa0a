import AndonCore

/// The state of one of the bridge's own connections, for `/status`.
package struct ConnectionStatus: Sendable, Equatable {
  package private(set) var isConnected = false
  /// Since when it has this state, epoch milliseconds.
  package private(set) var sinceMs: Int64
  /// Why it is not connected and what to do; nil while it is, and before the first attempt failed.
  package private(set) var trouble: String?
  /// The same by the monotonic clock, which clock steps do not affect.
  private var sinceMonotonicMs: Int64

  /// Without a connection for longer than this, the bridge is not ready.
  package static let patienceMs: Int64 = 15_000

  package init(nowMs: Int64, monotonicMs: Int64) {
    (sinceMs, sinceMonotonicMs) = (nowMs, monotonicMs)
  }

  package mutating func record(_ health: ConnectionHealth, nowMs: Int64, monotonicMs: Int64) {
    if health.isConnected != isConnected {
      (isConnected, sinceMs, sinceMonotonicMs) = (health.isConnected, nowMs, monotonicMs)
    }
    trouble = health.trouble
  }

  /// Why the connection makes the bridge not ready; nil when it does not.
  package func whyNotReady(_ name: String, monotonicMs: Int64) -> String? {
    guard !isConnected, monotonicMs - sinceMonotonicMs >= Self.patienceMs else { return nil }
    return
      "\(name): no connection since \(CivilTime.text(epochMs: sinceMs)): \(trouble ?? "the broker does not answer")"
  }
}

extension ConnectionStatus {
  static let payloadFields: [PayloadField<ConnectionStatus>] = [
    .required("connected", .flag("It stands")) { $0.isConnected },
    .required("since_ms", .instant("Since when it does, or does not")) { $0.sinceMs },
    .optional("trouble", .text("Why it does not, and what to do")) { $0.trouble },
  ]
}
