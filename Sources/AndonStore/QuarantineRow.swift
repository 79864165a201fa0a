import Foundation
import GRDB

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

extension QuarantineRow {
  /// The columns of `init(_:)`.
  ///
  /// - Parameter payload: The column, or an expression with a part of it.
  static func columns(payload: String = "payload") -> String {
    "id, received_at_ms, camera_id, topic, code, field, detail, event_id, \(payload), payload_bytes, form"
  }

  init(_ row: Row) {
    self.init(
      id: row[0], receivedAtMs: row[1], cameraID: row[2], topic: row[3], code: row[4], field: row[5],
      detail: row[6], eventID: row[7], payload: Array(row[8] as Data), payloadBytes: row[9],
      form: QuarantineForm(rawValue: row[10]) ?? .received)
  }
}
