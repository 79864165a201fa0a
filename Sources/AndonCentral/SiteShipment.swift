package import AndonCore
package import AndonStore

/// What of a site is in a shipment: where its log stands afterwards, and rows.
package struct SiteShipment: Sendable {
  package var site: Shipment.Site
  package var records: [ShipRecord]
  /// What its commits changed in the small tables, each with the number of its commit. They go with the position.
  package var patches: [(seq: Int64, patch: ShippedPatch)] = []
  /// The small tables at its last commit; nil unless a base is due.
  package var base: WorkingState?

  package init(_ site: Shipment.Site, _ records: [ShipRecord]) { (self.site, self.records) = (site, records) }
}
