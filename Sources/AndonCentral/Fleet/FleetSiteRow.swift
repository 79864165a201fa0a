import AndonCore

/// A site in the list of a fleet.
package struct FleetSiteRow: Sendable, Equatable {
  package var siteID: String
  /// Who holds it, or held it until it died; nil: no bridge.
  package var bridgeID: String?
  /// `held`, `free`, `dead` (its bridge is) or `outside` (its bridge is not of the fleet).
  package var state: String
  /// Whether it is on the fleet's list.
  package var isOfFleet: Bool
  package var epoch: Int64
  package var weight: Double?
  package var pinnedTo: String?
  package var configRev: Int64?
  /// Since something of it arrived; nil: never.
  package var lagMs: Int64?
  /// How long it has had no bridge; nil: it has one.
  package var unownedMs: Int64?

  package var json: [UInt8] {
    var writer = JSONWriter()
    writer.field("site_id", siteID)
    if let bridgeID { writer.field("bridge_id", bridgeID) }
    writer.field("state", state)
    writer.field("of_fleet", isOfFleet)
    writer.field("epoch", epoch)
    if let weight { writer.field("weight", scaled: Int64((weight * 1000).rounded()), digits: 3) }
    if let pinnedTo { writer.field("pinned_to", pinnedTo) }
    if let configRev { writer.field("config_rev", configRev) }
    if let lagMs { writer.field("lag_ms", lagMs) }
    if let unownedMs { writer.field("unowned_ms", unownedMs) }
    return writer.end()
  }
}
