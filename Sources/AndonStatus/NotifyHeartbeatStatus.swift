package import AndonCore

/// The dead-man's switch that hears from the bridge.
package struct NotifyHeartbeatStatus: Sendable, Equatable {
  package var address: String
  /// When it last answered well.
  package var sentMs: Int64?
  package var failures: Int64 = 0
  /// Why it last did not; nil while it does.
  package var error: String?
  /// The bridge is not ready, so it is silent.
  package var isWithheld = false

  package init(address: String) { self.address = address }

  package static let payload = PayloadTable<NotifyHeartbeatStatus>(
    "The dead-man's switch.",
    [
      .required("address", .text("Where it is, without what may be secret")) { $0.address },
      .optional("sent_ms", .instant("When it last answered well")) { $0.sentMs },
      .required("failures", .count("Calls that failed since the start")) { $0.failures },
      .required("withheld", .flag("The bridge is not ready, so it is silent")) { $0.isWithheld },
      .optional("error", .text("Why the last call failed")) { $0.error },
    ])
}
