/// What a bridge knows about itself when it takes a step in its fleet.
package struct FleetFacts {
  /// Whether a connection to a broker stands; nil: there is nothing that would need one, so it was not tried.
  package var hasBroker: Bool?
  /// Events of each site since the last step.
  package var events: [String: Int64] = [:]
  /// It is about to end for good: its sites go to the others.
  package var isStopping = false
  /// Further members of the status for people, see `FleetBeat.details`.
  package var details = ""
  /// The positions of its files, several a site or none. Called only before a claim.
  package var files: () -> [FleetFile] = { [] }

  package init() {}
}
