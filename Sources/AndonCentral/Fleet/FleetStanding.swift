/// How a bridge stands in its fleet, for its status.
package struct FleetStanding: Sendable, Equatable {
  package var isConnected = false
  package var isMember = false
  /// A person wants it to give its sites to others.
  package var isDraining = false
  /// It has no broker while others have one, so it takes no sites.
  package var isResting = false
  /// Another bridge has the same name and is left the sites.
  package var standsAside = false
  /// What is wrong, in words; nil while it works.
  package var trouble: String?
  /// Its part of the weight of all sites, and what it has.
  package var quota = 0.0
  package var weight = 0.0
  /// Sites that have had no bridge for `FleetWatch.unownedMs`.
  package var unowned = 0
  /// Sites that it holds.
  package var held = 0
  /// Bridges that live, with this one.
  package var members = 0

  package init() {}
}
