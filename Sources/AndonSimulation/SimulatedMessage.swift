/// What one camera publishes at one time.
package struct SimulatedMessage: Sendable {
  package enum Kind: Sendable { case event, status }

  /// When it is published; never decreases. The events inside may be older.
  package var atMs: Int64
  package var kind: Kind
  package var cameraID: String
  package var payload: [UInt8]
}
