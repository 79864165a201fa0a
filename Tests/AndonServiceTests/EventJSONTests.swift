import AndonCore
import TestSupport
import Testing

@testable import AndonHTTP
@testable import AndonIngest
@testable import AndonStore

/// An event's three forms in JSON, to the byte: as cameras send it, as the API answers, and on the event stream.
@Suite(.ownThread) struct EventJSONTests {
  private static let full = Event(
    timestampMs: 1_768_472_100_250, workerID: "W1", workstationID: "S3", kind: .productCount,
    confidencePpm: 930_000, count: 4, eventID: "e\"1", modelVersion: "v2")
  private static let bare = Event(
    timestampMs: 1_768_472_100_000, workerID: "", workstationID: "S3", kind: .idle, confidencePpm: nil)

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func asCamerasSendIt() {
    #expect(
      Self.text(EventWriter.json(Self.full, site: "plant-a", camera: "cam-01"))
        == #"{"timestamp":"2026-01-15T10:15:00.250Z","site_id":"plant-a","camera_id":"cam-01","worker_id":"W1","#
        + #""workstation_id":"S3","event_type":"product_count","confidence":0.930000,"count":4,"event_id":"e\"1","#
        + #""model_version":"v2"}"#)
    #expect(
      Self.text(EventWriter.json(Self.bare))
        == #"{"timestamp":"2026-01-15T10:15:00.000Z","workstation_id":"S3","event_type":"idle"}"#)
  }

  @Test func asTheAPIAnswers() {
    let full = StoredEvent(event: Self.full, cameraID: "cam-01", isAccepted: true, receivedAtMs: 9)
    #expect(
      Self.text(APICodec.event(full, site: "plant-a"))
        == #"{"timestamp_ms":1768472100250,"ts":"2026-01-15T10:15:00.250Z","site_id":"plant-a","#
        + #""camera_id":"cam-01","worker_id":"W1","workstation_id":"S3","event_type":"product_count","#
        + #""confidence":0.930000,"count":4,"event_id":"e\"1","model_version":"v2","outcome":"stored","#
        + #""received_at_ms":9}"#)
    let bare = StoredEvent(event: Self.bare, cameraID: "cam-01", isAccepted: false, receivedAtMs: 9)
    #expect(
      Self.text(APICodec.event(bare, site: "plant-a"))
        == #"{"timestamp_ms":1768472100000,"ts":"2026-01-15T10:15:00.000Z","site_id":"plant-a","#
        + #""camera_id":"cam-01","workstation_id":"S3","event_type":"idle","outcome":"low_confidence","#
        + #""received_at_ms":9}"#)
  }

  /// The stream's form has no `event_id`.
  @Test func onTheEventStream() {
    let sample = EventSample(cameraID: "cam-01", event: Self.full, outcome: ItemOutcome(.stored))
    #expect(
      Self.text(sample.json(site: "plant-a", receivedAtMs: 9))
        == #"{"received_at_ms":9,"site_id":"plant-a","camera_id":"cam-01","timestamp_ms":1768472100250,"#
        + #""worker_id":"W1","workstation_id":"S3","event_type":"product_count","confidence":0.930000,"count":4,"#
        + #""model_version":"v2","outcome":"stored"}"#)
  }
}
