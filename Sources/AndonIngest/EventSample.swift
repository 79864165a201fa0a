package import AndonCore
package import AndonStore

/// One event of a batch and its outcome, for people who watch.
package struct EventSample: Sendable {
  package var cameraID: String
  /// Nil for what could not be read as an event.
  package var event: Event?
  package var outcome: ItemOutcome

  /// Samples of one batch at most: watching must not cost the hot path.
  package static let perBatch = 16

  /// The object of the stream's `event`.
  package func json(site: String, receivedAtMs: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 320)
    writer.field("received_at_ms", receivedAtMs)
    writer.field("site_id", site)
    writer.field("camera_id", cameraID)
    if let event {
      writer.field("timestamp_ms", event.timestampMs)
      writer.fields(of: event, hasEventID: false)
    }
    writer.field("outcome", outcome.kind.rawValue)
    if let rejection = outcome.rejection {
      writer.field("code", rejection.code.rawValue)
      if let field = rejection.field { writer.field("field", field) }
      writer.field("detail", rejection.detail)
    }
    return writer.end()
  }
}
