/// A message that one camera publishes.
package struct SimulatedMessage: Sendable {
  package enum Kind: Sendable { case event, status }

  /// The time of publication; never decreases. The events inside may be older.
  package var atMs: Int64
  package var kind: Kind
  package var cameraID: String
  package var payload: [UInt8]
}
