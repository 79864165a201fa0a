/// One rejected event, kept with its raw bytes.
package struct QuarantineRow: Sendable {
  package var id: Int64
  package var receivedAtMs: Int64
  package var cameraID: String
  package var topic: String
  package var code: String
  /// The offending field, or the empty string.
  package var field: String
  package var detail: String
  package var eventID: String
  /// The first 64 KiB of what came in.
  package var payload: [UInt8]
  /// How long it was in full.
  package var payloadBytes: Int64
}
