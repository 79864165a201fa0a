/// A site that this bridge holds, or held until now.
struct FleetSite {
  enum State {
    case running
    /// The bridge was told to stop it in order.
    case leaving
    /// It is stopped; the database is still to be told.
    case stopped
  }

  var epoch: Int64
  var configRev: Int64?
  var state = State.running
  var wish = FleetHolding.Wish.free
  /// Its file is being made from the central database.
  var isRestoring: Bool

  init(_ grant: FleetGrant) {
    (epoch, configRev, isRestoring) = (grant.epoch, grant.configRev, !grant.isCurrent)
  }
}
