/// The answer to a beat.
package enum FleetAnswer: Sendable, Equatable {
  case member(FleetPicture)
  /// Another bridge declared this incarnation dead.
  case dead
  /// Another run, or another bridge, joined under this bridge's name.
  case replaced(incarnation: String, beat: Int64)
  /// The database does not know the bridge.
  case absent
}
