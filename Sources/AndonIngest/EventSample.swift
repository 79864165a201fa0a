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
    Self.payload.json((self, site, receivedAtMs), capacity: 320)
  }

  package static let payload = PayloadTable<(sample: EventSample, site: String, receivedAtMs: Int64)>(
    "An event on the stream: one of a sample.",
    [
      .required("received_at_ms", .instant("When the bridge committed it")) { $0.receivedAtMs },
      .required("site_id", .identifier("The site")) { $0.site },
      .required("camera_id", .text("The camera; empty when the topic named none")) { $0.sample.cameraID },
      .optional("timestamp_ms", .instant("The camera's time")) { $0.sample.event?.timestampMs },
    ], Event.payloadFields.filter { $0.name != "event_id" }.ifPresent { $0.sample.event },
    [.required("outcome", .word("What became of it")) { $0.sample.outcome.kind }],
    Rejection.payloadFields.ifPresent { $0.sample.outcome.rejection })
}
