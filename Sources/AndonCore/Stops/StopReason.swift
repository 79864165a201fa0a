/// A reason for stops, as the plant configures it.
package struct StopReason: Sendable, Hashable {
  /// Takes away the reason that was given before; no configured reason has this id.
  package static let none = "none"
  /// The most reasons of a site.
  package static let limit = 100

  package var id: String
  /// For people.
  package var name: String
  /// Such a stop was intended, e.g. a changeover: it does not count as unplanned.
  package var isPlanned: Bool

  package init(id: String, name: String, isPlanned: Bool = false) {
    (self.id, self.name, self.isPlanned) = (id, name, isPlanned)
  }

  package static let payload = PayloadTable<StopReason>(
    "A reason of stops.",
    [
      .required("id", .identifier("The reason")) { $0.id },
      .required("name", .text("For people")) { $0.name },
      .required("planned", .flag("Such a stop is intended")) { $0.isPlanned },
    ])
}
