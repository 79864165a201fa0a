/// What a bridge says with its beat.
package struct FleetBeat: Sendable, Equatable {
  package var takes = true
  /// Nil: it has not tried to reach one.
  package var hasBroker: Bool?
  /// Further members of the status for people, a JSON object without the braces, for example `"held":3`.
  package var details = ""
  /// The weights that changed.
  package var weights: [String: Double] = [:]

  package init() {}

  /// The status as JSON.
  var status: [UInt8] {
    Array("{\"broker_ok\":\(hasBroker == true)\(details.isEmpty ? "" : ",")\(details)}".utf8)
  }
}
