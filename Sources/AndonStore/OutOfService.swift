package import AndonCore

/// A person's statement that a camera is out of service: in repair, removed, not yet commissioned. It raises
/// no alarms then; its events are stored and counted as usual.
package struct OutOfService: Sendable, Hashable {
  package var sinceMs: Int64
  /// When it returns to service by itself; nil: when a person says so.
  package var untilMs: Int64?
  package var by: String
  /// Whether the name was proved by a login or a token: only over HTTP, and not with the shared token.
  package var isByVerified: Bool
  package var reason: String

  package init(
    sinceMs: Int64, untilMs: Int64? = nil, by: String, isByVerified: Bool = false, reason: String
  ) {
    self.sinceMs = sinceMs
    self.untilMs = untilMs
    self.by = by
    self.isByVerified = isByVerified
    self.reason = reason
  }

  /// The object in `/status`.
  package static let payload = PayloadTable<OutOfService>(
    "It has no alerts.",
    [
      .required("reason", .text("Why")) { $0.reason },
      .required("by", .text("Who said so")) { $0.by },
      .required("by_verified", .flag("The name was proved by a login or a token")) { $0.isByVerified },
      .required("since_ms", .instant("Since when")) { $0.sinceMs },
      .required(
        "until_ms", .integerOrNull("When it is back by itself; null: when somebody says so")
      ) { $0.untilMs },
    ])
}
