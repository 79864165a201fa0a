package import AndonCore

/// What of a site is in a shipment: where its log stands afterwards, and rows.
package struct SiteShipment: Sendable {
  package var site: Shipment.Site
  package var records: [ShipRecord]

  package init(_ site: Shipment.Site, _ records: [ShipRecord]) { (self.site, self.records) = (site, records) }
}
