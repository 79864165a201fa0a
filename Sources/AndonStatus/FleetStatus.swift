package import AndonCore

/// A bridge's part in its fleet.
package struct FleetStatus: Sendable, Equatable {
  /// Whether it takes part: its sites are its own.
  package var isMember = false
  /// A person wants it to give its sites to others.
  package var isDraining = false
  /// It has no broker while others have one, so it takes no sites.
  package var isResting = false
  /// Why it takes no part; nil: it does.
  package var trouble: String? = "not a member of the fleet yet"
  /// Bridges that live, with this one.
  package var bridges = 0
  /// Sites that it holds.
  package var held = 0
  /// What its sites weigh (1 and more, by their events), and what would be its part.
  package var weight = 0.0
  package var quota = 0.0
  /// Sites of the fleet that have had no bridge for 30 s, and the first of them.
  package var unowned = 0
  package var unownedSites: [String] = []

  /// `unownedSites` has so many at most.
  package static let listed = 100

  package init() {}

  package static let payload = PayloadTable<FleetStatus>(
    "The bridge's part in its fleet.",
    [
      .required("member", .flag("It takes part")) { $0.isMember },
      .required("draining", .flag("A person wants it to give its sites to others")) { $0.isDraining },
      .required("resting", .flag("It has no broker while others have one, so it takes no sites")) {
        $0.isResting
      },
      .optional("error", .text("Why it takes no part")) { $0.trouble },
      .required("bridges", .count("Bridges that live, with this one")) { $0.bridges },
      .required("held", .count("Sites that it holds")) { $0.held },
      .required("unowned", .count("Sites of the fleet that have had no bridge for 30 s")) { $0.unowned },
      .required("unowned_sites", .array(of: .identifier("One of them; the first 100"), most: listed)) {
        $0.unownedSites
      },
    ])
}
