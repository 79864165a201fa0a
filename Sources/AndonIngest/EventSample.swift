package import AndonCore
package import AndonStore

/// One event of a batch and its outcome, for the event stream.
package struct EventSample: Sendable {
  package var cameraID: String
  /// Nil when the entry is no valid event.
  package var event: Event?
  package var outcome: ItemOutcome

  /// The most samples of one batch, so that watching does not slow down ingest.
  package static let perBatch = 16

  /// The `event` object of the stream.
  package func json(site: String, receivedAtMs: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 320)
    writer.field("received_at_ms", receivedAtMs)
    writer.field("site_id", site)
    writer.field("camera_id", cameraID)
    if let event {
      writer.field("timestamp_ms", event.timestampMs)
      if !event.workerID.isEmpty { writer.field("worker_id", event.workerID) }
      writer.field("workstation_id", event.workstationID)
      writer.field("event_type", event.kind.name)
      if let confidence = event.confidencePpm {
        writer.field("confidence", scaled: Int64(confidence), digits: 6)
      }
      if event.kind == .productCount { writer.field("count", Int64(event.count)) }
      if !event.modelVersion.isEmpty { writer.field("model_version", event.modelVersion) }
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
