import AndonStatus

/// A bridge's part in its fleet, in the text format of Prometheus. `andon overview` has other metrics of a fleet:
/// `FleetMetrics`.
enum MembershipMetrics {
  static func render(_ fleet: FleetStatus?, into text: inout PrometheusText) {
    guard let fleet else { return }
    text.gauge(
      "andon_fleet_member", "1 while the bridge takes part in its fleet.", [([], fleet.isMember ? 1 : 0)])
    text.gauge(
      "andon_fleet_draining", "1 while a person wants the bridge to give its sites to others.",
      [([], fleet.isDraining ? 1 : 0)])
    text.gauge(
      "andon_fleet_resting",
      "1 while the bridge takes no sites because it has no broker and others have one.",
      [([], fleet.isResting ? 1 : 0)])
    text.gauge(
      "andon_fleet_bridges", "Bridges of the fleet that live, as this one sees it.",
      [([], Double(fleet.bridges))])
    text.gauge("andon_fleet_held_sites", "Sites that the bridge holds.", [([], Double(fleet.held))])
    text.gauge(
      "andon_fleet_weight", "What the bridge's sites weigh, by their events a second.",
      [([], fleet.weight)])
    text.gauge(
      "andon_fleet_quota", "What would be the bridge's part of the weight of all sites.",
      [([], fleet.quota)])
    text.gauge(
      "andon_fleet_unowned_sites", "Sites of the fleet that have had no bridge for 30 s.",
      [([], Double(fleet.unowned))])
  }
}
