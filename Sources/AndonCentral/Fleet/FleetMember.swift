/// A bridge of the fleet, as the central database has it.
package struct FleetMember: Sendable, Equatable {
  package var bridge: String
  /// A UUID of its run; it has another one after it was declared dead.
  package var incarnation: String
  /// Changes while it lives.
  package var beat: Int64
  package var isDead = false
  /// Whether it takes sites: not while it is drained or lacks a broker.
  package var takes = true
  package var hasBroker = false
  package var ttlMs: Int64 = 8000
  package var capacity = 1.0
  /// How many sites it holds, and their weight.
  package var held = 0
  package var weight = 0.0

  package init(bridge: String, incarnation: String, beat: Int64) {
    (self.bridge, self.incarnation, self.beat) = (bridge, incarnation, beat)
  }
}
