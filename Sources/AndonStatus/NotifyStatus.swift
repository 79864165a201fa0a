package import AndonCore

/// The state of a site's receivers outside of MQTT.
package struct NotifyStatus: Sendable, Equatable {
  /// In the order of the configuration.
  package var routes: [Route] = []
  /// Rows that were deleted for newer ones, or because their route left the configuration, since the start.
  package var dropped: Int64 = 0

  package init() {}

  package struct Route: Sendable, Equatable {
    package var id: String
    package var kind: String
    /// Where it is, without what may be secret.
    package var address: String
    /// Rows that are due, and when the oldest was written.
    package var waiting = 0
    package var oldestMs: Int64?
    /// Pages that come to the route unless they are acknowledged.
    package var escalating = 0
    /// Since the start: rows that the receiver took, attempts that failed, rows that it refused for a day.
    package var delivered: Int64 = 0
    package var failures: Int64 = 0
    package var refused: Int64 = 0
    package var deliveredMs: Int64?
    /// Since when no attempt succeeded, and why; nil while the receiver takes them.
    package var failingSinceMs: Int64?
    package var error: String?
    /// What is not as it should be although the receiver takes them, e.g. a recipient that is refused.
    package var note: String?

    package init(id: String, kind: String, address: String) {
      self.id = id
      self.kind = kind
      self.address = address
    }
  }

  /// Words for people; nil while all is well.
  package var warning: String? {
    let words = routes.compactMap { route -> String? in
      if let error = route.error, let since = route.failingSinceMs {
        return "notify: route \(route.id) (\(route.address)) takes nothing since "
          + "\(CivilTime.text(epochMs: since)): \(error)"
      }
      return route.note.map { "notify: route \(route.id) (\(route.address)): \($0)" }
    }
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }

  package static let payload = PayloadTable<NotifyStatus>(
    "Pages to receivers outside of MQTT.",
    [
      .required("dropped", .count("Rows that were deleted unsent since the start")) { $0.dropped },
      .required("routes", .array(of: .object(routePayload))) { $0.routes },
    ])

  private static let routePayload = PayloadTable<Route>(
    "A receiver of pages.",
    [
      .required("route", .identifier("The route")) { $0.id },
      .required("kind", .text("webhook, smtp or alertmanager")) { $0.kind },
      .required("address", .text("Where it is, without what may be secret")) { $0.address },
      .required("waiting", .count("Rows that are due")) { $0.waiting },
      .optional("oldest_ms", .instant("When the oldest of them was written")) { $0.oldestMs },
      .required("escalating", .count("Pages that come to it unless they are acknowledged")) { $0.escalating },
      .required("delivered", .count("Rows that it took since the start")) { $0.delivered },
      .required("failures", .count("Attempts that failed since the start")) { $0.failures },
      .required("refused", .count("Rows that it refused for a day, since the start")) { $0.refused },
      .optional("delivered_ms", .instant("When it took the last one")) { $0.deliveredMs },
      .optional("failing_since_ms", .instant("Since when it takes nothing")) { $0.failingSinceMs },
      .optional("error", .text("Why")) { $0.error },
      .optional("note", .text("What is not as it should be although it takes them")) { $0.note },
    ])
}
