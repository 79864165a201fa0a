import AndonCore

/// A bridge in the list of a fleet.
package struct FleetBridgeRow: Sendable, Equatable {
  package var bridgeID: String
  /// `alive`, `idle`, `draining`, `silent` or `dead`.
  package var state: String
  package var sites: Int64
  package var weight: Double
  package var capacity: Double
  package var version: String
  package var hasBroker: Bool
  /// Since its last beat.
  package var sinceBeatMs: Int64

  package var json: [UInt8] {
    var writer = JSONWriter()
    writer.field("bridge_id", bridgeID)
    writer.field("state", state)
    writer.field("sites", sites)
    writer.field("weight", scaled: Int64((weight * 1000).rounded()), digits: 3)
    writer.field("capacity", scaled: Int64((capacity * 1000).rounded()), digits: 3)
    writer.field("version", version)
    writer.field("broker_ok", hasBroker)
    writer.field("since_beat_ms", sinceBeatMs)
    return writer.end()
  }
}
