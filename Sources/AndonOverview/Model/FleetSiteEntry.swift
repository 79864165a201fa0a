/// A site with its tile as it was last made.
package struct FleetSiteEntry: Sendable {
  var site: FleetSite
  package var key: FleetKey { site.key }
  package var tile: SiteTile?
  /// Estimated bytes in memory.
  package var bytes: Int { Fleet.siteBytes + site.bytes }
  /// The tile's JSON.
  package var json: [UInt8] = []
  /// When the tile was last told to the clients, epoch milliseconds.
  var toldMs: Int64 = .min / 2
}
