/// What a bridge must do after a step in its fleet. In this order: `lost`, `giveUp`, `changed`, `gained`.
package struct FleetOrders: Sendable, Equatable {
  /// Stop at once and acknowledge nothing more: another bridge has the site, or may have it.
  package var lost: [String] = []
  /// Stop in order, so that all is committed, shipped and acknowledged; then call `FleetMembership.release`.
  package var giveUp: [String] = []
  package var changed: [FleetConfig] = []
  /// Bring the file up to date, ask `FleetMembership.mayConnect`, connect.
  package var gained: [FleetGrant] = []
  /// Until then of the monotonic clock no other bridge takes the sites; `.min`: no lease. No connection may be begun later.
  package var leaseDeadlineMs = Int64.min
  /// When the next step is due, by the monotonic clock.
  package var nextStepMs: Int64 = 0
  /// It rests because it has no broker: try to reach one, and say so in `FleetFacts.hasBroker`.
  package var wantsBroker = false
  package var watch = FleetWatch()
  /// What happened, for the log.
  package var notes: [String] = []

  package init() {}
}
