/// What a bridge learns with its beat: the whole fleet at one moment.
package struct FleetPicture: Sendable, Equatable {
  /// All bridges, this one too, also the dead.
  package var members: [FleetMember] = []
  /// A person wants this bridge to give its sites to others.
  package var isDraining = false
  /// Sites that any bridge may claim: free, or held by a dead one.
  package var free = 0
  package var freeWeight = 0.0
  /// Some of them, each with its epoch: `site/epoch`. One that stays the same waits.
  package var freeKeys: [String] = []
  /// Sites that are free and pinned to this bridge.
  package var freePinned = 0
  /// The sites of this bridge.
  package var sites: [FleetHolding] = []

  package init() {}
}
