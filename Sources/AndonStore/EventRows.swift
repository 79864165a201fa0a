import AndonCore
import Foundation
import GRDB
import GRDBSQLite

/// Reads event rows without an object for each row: a recompute reads thousands.
struct EventRows {
  private let db: Database
  private var names: NameReader

  private static let select = """
    SELECT timestamp_ms, worker, kind, workstation, event_id, camera, model, confidence_ppm, count, accepted, delay_ms
    FROM event WHERE
    """

  init(_ db: Database) {
    self.db = db
    names = NameReader(db)
  }

  /// A row with the numbers of its names.
  struct NumberedEvent {
    var stored: StoredEvent
    var names: EventNames
  }

  /// Visits the rows that match, until the body returns false. The body must not visit with the same condition.
  ///
  /// - Throws: `SQLITE_CORRUPT` for a row that no event can have led to.
  mutating func visit(
    where condition: String, _ arguments: [Int64], _ body: (NumberedEvent) throws -> Bool
  ) throws {
    let statement = try db.cachedStatement(sql: Self.select + " " + condition)
    let handle = statement.sqliteStatement
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
    defer { sqlite3_reset(handle) }
    for (index, argument) in arguments.enumerated() {
      sqlite3_bind_int64(handle, Int32(index + 1), argument)
    }
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
      }
      guard try body(try event(handle)) else { return }
    }
  }

  /// Visits the rows of `[fromMs, toMs)` in order of time.
  mutating func visit(fromMs: Int64, toMs: Int64, _ body: (NumberedEvent) throws -> Void) throws {
    try visit(
      where:
        "timestamp_ms >= ? AND timestamp_ms < ? ORDER BY timestamp_ms, worker, kind, workstation, event_id",
      [fromMs, toMs]
    ) {
      try body($0)
      return true
    }
  }

  private mutating func event(_ handle: OpaquePointer?) throws -> NumberedEvent {
    let timestampMs = sqlite3_column_int64(handle, 0)
    func number(_ column: Int32, _ range: ClosedRange<Int64>) throws -> Int64 {
      let value = sqlite3_column_int64(handle, column)
      guard sqlite3_column_type(handle, column) == SQLITE_INTEGER, range.contains(value) else {
        throw Self.damaged(timestampMs)
      }
      return value
    }
    let isTimeSound = sqlite3_column_type(handle, 0) == SQLITE_INTEGER && Self.times.contains(timestampMs)
    guard isTimeSound, let kind = EventKind(rawValue: UInt8(try number(2, 0...3))) else {
      throw Self.damaged(timestampMs)
    }
    let hasConfidence = sqlite3_column_type(handle, 7) != SQLITE_NULL
    let numbers = EventNames(
      worker: Int32(try number(1, 0...Self.largestName)),
      workstation: Int32(try number(3, 1...Self.largestName)),
      camera: Int32(try number(5, 1...Self.largestName)), model: Int32(try number(6, 0...Self.largestName)))
    let event = Event(
      timestampMs: timestampMs, workerID: try names.text(Int64(numbers.worker)),
      workstationID: try names.text(Int64(numbers.workstation)), kind: kind,
      confidencePpm: hasConfidence ? Int32(try number(7, 0...1_000_000)) : nil,
      count: Int32(try number(8, 0...10_000)), eventID: try Self.identifier(handle, timestampMs),
      modelVersion: try names.text(Int64(numbers.model)))
    let delayMs = try number(10, -(1 << 61)...(1 << 61))
    return NumberedEvent(
      stored: StoredEvent(
        event: event, cameraID: try names.text(Int64(numbers.camera)), isAccepted: try number(9, 0...1) == 1,
        receivedAtMs: timestampMs + delayMs), names: numbers)
  }

  private static let largestName = Int64(Int32.max)
  /// Any time of the calendar.
  private static let times: ClosedRange<Int64> = -(1 << 60)...(1 << 60)

  private static func identifier(_ handle: OpaquePointer?, _ timestampMs: Int64) throws -> String {
    switch sqlite3_column_type(handle, 4) {
    case SQLITE_TEXT:
      return sqlite3_column_text(handle, 4).map { String(cString: $0) } ?? ""
    case SQLITE_BLOB:
      guard let bytes = sqlite3_column_blob(handle, 4)?.assumingMemoryBound(to: UInt8.self),
        sqlite3_column_bytes(handle, 4) == EventIdentifier.uuidBytes
      else { throw damaged(timestampMs) }
      return EventIdentifier.text(uuid: bytes)
    default: throw damaged(timestampMs)
    }
  }

  private static func damaged(_ timestampMs: Int64) -> DatabaseError {
    DatabaseError(
      resultCode: .SQLITE_CORRUPT, message: "the row of an event at \(timestampMs) ms is damaged")
  }
}
