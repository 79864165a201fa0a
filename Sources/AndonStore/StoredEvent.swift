package import AndonCore
package import GRDB

/// A stored event with the columns that the bridge adds.
package struct StoredEvent: Sendable, Hashable {
  package var event: Event
  package var cameraID: String
  /// Passed the confidence gate when it was stored.
  package var isAccepted: Bool
  /// The bridge's clock at the commit that stored it, epoch milliseconds.
  package var receivedAtMs: Int64
}

extension StoredEvent {
  /// Reads a row of `timestamp_ms, kind, workstation_id, event_id, camera_id, model_version, confidence_ppm,
  /// count, accepted, received_at_ms`.
  ///
  /// - Throws: `SQLITE_CORRUPT` for a row that no event can have led to.
  package init(_ row: Row, worker: String) throws {
    func number(_ column: Int, _ range: ClosedRange<Int64>) throws -> Int64 {
      guard let value = Int64.fromDatabaseValue(row[column]), range.contains(value) else {
        throw Self.damaged(row, worker)
      }
      return value
    }
    func text(_ column: Int) throws -> String {
      guard let value = String.fromDatabaseValue(row[column]) else { throw Self.damaged(row, worker) }
      return value
    }
    guard let kind = EventKind(rawValue: UInt8(try number(1, 0...3))) else { throw Self.damaged(row, worker) }
    let hasConfidence = !(row[6] as DatabaseValue).isNull
    let event = Event(
      timestampMs: try number(0, -(1 << 60)...(1 << 60)), workerID: worker, workstationID: try text(2),
      kind: kind,
      confidencePpm: hasConfidence ? Int32(try number(6, 0...1_000_000)) : nil,
      count: Int32(try number(7, 0...10_000)), eventID: try text(3), modelVersion: try text(5))
    self.init(
      event: event, cameraID: try text(4), isAccepted: try number(8, 0...1) == 1,
      receivedAtMs: try number(9, .min ... .max))
  }

  private static func damaged(_ row: Row, _ worker: String) -> DatabaseError {
    DatabaseError(
      resultCode: .SQLITE_CORRUPT,
      message: "the row of an event of worker \"\(worker)\" at \(row[0] as DatabaseValue) ms is damaged")
  }
}
