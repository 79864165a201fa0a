import AndonCentral

/// A link that counts its statements.
final class CountedFleetLink: FleetLink {
  private let link: any FleetLink
  private let count: () -> Void

  init(_ link: any FleetLink, count: @escaping () -> Void) { (self.link, self.count) = (link, count) }

  var isOpen: Bool { link.isOpen }

  func close() { link.close() }

  func about() throws(CentralError) -> CentralAbout {
    count()
    return try link.about()
  }

  func join(incarnation: String) throws(CentralError) -> Bool {
    count()
    return try link.join(incarnation: incarnation)
  }

  func beat(_ beat: FleetBeat, incarnation: String) throws(CentralError) -> FleetAnswer {
    count()
    return try link.beat(beat, incarnation: incarnation)
  }

  func watch() throws(CentralError) -> FleetWatch {
    count()
    return try link.watch()
  }

  func declareDead(_ other: FleetMember, incarnation: String) throws(CentralError) -> Bool {
    count()
    return try link.declareDead(other, incarnation: incarnation)
  }

  func claim(_ claim: FleetClaim, incarnation: String) throws(CentralError) -> [FleetGrant] {
    count()
    return try link.claim(claim, incarnation: incarnation)
  }

  func release(_ sites: [(id: String, epoch: Int64)], incarnation: String) throws(CentralError) {
    count()
    try link.release(sites, incarnation: incarnation)
  }

  func holds(site: String, epoch: Int64, incarnation: String) throws(CentralError) -> Bool {
    count()
    return try link.holds(site: site, epoch: epoch, incarnation: incarnation)
  }

  func configs(of sites: [String], incarnation: String) throws(CentralError) -> [FleetConfig] {
    count()
    return try link.configs(of: sites, incarnation: incarnation)
  }
}
