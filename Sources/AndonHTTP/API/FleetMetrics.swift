import AndonAccess
import AndonOverview

/// The metrics of `andon overview`, besides those of its listener and process.
enum FleetMetrics {
  static func render(_ fleet: FleetServices, for caller: Caller, into text: inout PrometheusText) {
    let (part, counters, tiles, alerts) = fleet.board.withFleet { fleet in
      (
        fleet.part(seenBy: caller), fleet.counters,
        fleet.sites.values.compactMap(\.tile).filter { caller.sees($0.key.site) },
        fleet.openAlerts(limit: 0) { key, _ in caller.sees(key.site) }.count
      )
    }
    text.gauge(
      "andon_fleet_broker_connected", "1 while there is a connection to the broker.",
      part.brokers.map { ([("broker", $0.name)], $0.isConnected ? 1 : 0) })
    text.gauge(
      "andon_fleet_broker_complete", "1 when what the broker keeps was read.",
      part.brokers.map { ([("broker", $0.name)], $0.isComplete ? 1 : 0) })
    text.gauge("andon_fleet_known_sites", "Sites in memory.", [([], Double(part.sites))])
    text.gauge(
      "andon_fleet_bytes", "Estimated bytes of sites, alerts and bridges in memory.",
      [([], Double(part.bytes))])
    text.gauge(
      "andon_fleet_sites", "Sites by state.",
      SiteState.allCases.map { state in
        ([("state", state.rawValue)], Double(tiles.count { $0.state == state }))
      })
    text.gauge("andon_fleet_alerts", "Open alerts in memory.", [([], Double(alerts))])
    text.gauge(
      "andon_fleet_messages_total", "Messages by outcome.", type: "counter",
      FleetOutcome.allCases.map { ([("outcome", $0.rawValue)], Double(counters[$0])) })
  }
}
