/// One rejected event, kept with its raw bytes or with what privacy leaves of them.
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
  /// The first 64 KiB of the payload.
  package var payload: [UInt8]
  /// The full length of the payload, bytes.
  package var payloadBytes: Int64
  package var form: QuarantineForm

  package init(
    id: Int64, receivedAtMs: Int64, cameraID: String, topic: String, code: String, field: String,
    detail: String, eventID: String, payload: [UInt8], payloadBytes: Int64, form: QuarantineForm = .received
  ) {
    self.id = id
    self.receivedAtMs = receivedAtMs
    self.cameraID = cameraID
    self.topic = topic
    self.code = code
    self.field = field
    self.detail = detail
    self.eventID = eventID
    self.payload = payload
    self.payloadBytes = payloadBytes
    self.form = form
  }
}
