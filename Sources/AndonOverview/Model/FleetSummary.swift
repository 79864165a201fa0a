/// What `alert_summary` says of a site.
package struct FleetSummary: Sendable, Hashable {
  package var active: Int64
  package var unacked: Int64
  package var highestSeverity: Int64
}
