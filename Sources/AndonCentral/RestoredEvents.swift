import AndonCore
import Postgres

/// The rows of `events_v1` as events. There are very many in a restore, so columns are read by their place.
struct RestoredEvents {
  private let result: PostgresResult
  private let timestamp, worker, kind, station, eventID, camera, model, confidence, count, accepted,
    received: Int

  init(_ result: PostgresResult) throws(PostgresError) {
    self.result = result
    timestamp = try result.place(of: "timestamp_ms")
    worker = try result.place(of: "worker_id")
    kind = try result.place(of: "kind")
    station = try result.place(of: "workstation_id")
    eventID = try result.place(of: "event_id")
    camera = try result.place(of: "camera_id")
    model = try result.place(of: "model_version")
    confidence = try result.place(of: "confidence_ppm")
    count = try result.place(of: "count")
    accepted = try result.place(of: "accepted")
    received = try result.place(of: "received_at_ms")
  }

  func all() throws(PostgresError) -> [ShippedEvent] {
    try result.map { row throws(PostgresError) in try event(row) }
  }

  private func event(_ row: Int) throws(PostgresError) -> ShippedEvent {
    guard let kind = EventKind(rawValue: UInt8(clamping: try integer(row, kind))) else {
      throw PostgresError(.usage, "an event has a kind that no event has")
    }
    let confidence = try result.integer(row, at: confidence).map { Int32(clamping: $0) }
    return ShippedEvent(
      event: Event(
        timestampMs: try integer(row, timestamp), workerID: try text(row, worker),
        workstationID: try text(row, station), kind: kind, confidencePpm: confidence,
        count: Int32(clamping: try integer(row, count)), eventID: try text(row, eventID),
        modelVersion: try text(row, model)),
      cameraID: try text(row, camera), isAccepted: try result.required(row, "accepted"),
      receivedAtMs: try integer(row, received))
  }

  private func integer(_ row: Int, _ place: Int) throws(PostgresError) -> Int64 {
    guard let value = try result.integer(row, at: place) else { throw null(place) }
    return value
  }

  private func text(_ row: Int, _ place: Int) throws(PostgresError) -> String {
    guard let value = try result.text(row, at: place) else { throw null(place) }
    return value
  }

  private func null(_ place: Int) -> PostgresError {
    PostgresError(.usage, "column \(result.columns[place].name) is NULL")
  }
}
