/// What `FleetMembership` asks of a central database: a `FleetSession`, or a model of one. For one thread at a time.
///
/// After an error the call may have been carried out, or may be carried out later.
package protocol FleetLink {
  /// Whether the next call can succeed without connecting again.
  var isOpen: Bool { get }

  func close()

  func about() throws(CentralError) -> CentralAbout

  /// Becomes a member; another incarnation of the name is none any more, and its sites are free. Again it changes nothing.
  ///
  /// - Returns: false when this incarnation was declared dead.
  func join(incarnation: String) throws(CentralError) -> Bool

  func beat(_ beat: FleetBeat, incarnation: String) throws(CentralError) -> FleetAnswer

  /// Sites that it waits for, and sites that no bridge has.
  func watch() throws(CentralError) -> FleetWatch

  /// - Returns: false when the other one beat meanwhile, or this bridge is no member.
  func declareDead(_ other: FleetMember, incarnation: String) throws(CentralError) -> Bool

  func claim(_ claim: FleetClaim, incarnation: String) throws(CentralError) -> [FleetGrant]

  /// Sites with their epochs. Those that are not held with that epoch are left alone.
  func release(_ sites: [(id: String, epoch: Int64)], incarnation: String) throws(CentralError)

  func holds(site: String, epoch: Int64, incarnation: String) throws(CentralError) -> Bool

  /// Of sites that this bridge holds.
  func configs(of sites: [String], incarnation: String) throws(CentralError) -> [FleetConfig]
}
