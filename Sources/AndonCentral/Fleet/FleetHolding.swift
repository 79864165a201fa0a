/// A site that the central database says this bridge holds.
package struct FleetHolding: Sendable, Equatable {
  /// What people want.
  package enum Wish: String, Sendable {
    /// Any bridge may hold it.
    case free
    /// It is pinned to this bridge.
    case keep
    /// It is pinned to another bridge, or no site of the fleet any more.
    case leave
  }

  package var siteID: String
  package var epoch: Int64
  /// Changes with its configuration; nil: it has none any more.
  package var configRev: Int64?
  package var wish: Wish

  package init(siteID: String, epoch: Int64, configRev: Int64?, wish: Wish) {
    (self.siteID, self.epoch, self.configRev, self.wish) = (siteID, epoch, configRev, wish)
  }
}
