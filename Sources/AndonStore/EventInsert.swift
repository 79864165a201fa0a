import AndonCore
import GRDB
import GRDBSQLite

/// The one statement that runs for every event, with hand-written bindings.
///
/// GRDB's argument arrays box each of the eleven values and copy each text. Binding the bytes in place
/// allocates nothing and saves a quarter of the cost of an event (`andon-bench ingest`).
final class EventInsert {
  private let statement: Statement
  private let connection: SQLiteConnection?
  /// The texts of the current event: SQLite reads them in place, between `run` and its step.
  private let texts: UnsafeMutableBufferPointer<UInt8>
  private var used = 0
  /// The decoder accepts at most 64 characters of up to four bytes in a text.
  private static let textBytes = 5 * 257
  /// Checksums of the rows that this transaction inserted.
  private var checksums = EventChecksums()

  init(_ db: Database) throws {
    statement = try db.cachedStatement(
      sql: """
        INSERT INTO event (worker_id, timestamp_ms, kind, workstation_id, event_id, camera_id, model_version,
                           confidence_ppm, count, accepted, received_at_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """)
    connection = db.sqliteConnection
    texts = .allocate(capacity: Self.textBytes)
  }

  deinit {
    // GRDB's cache keeps the statement after this transaction; the texts are freed here.
    sqlite3_clear_bindings(statement.sqliteStatement)
    texts.deallocate()
  }

  /// Inserts the event unless its identity is already stored. Returns whether it did.
  func run(_ event: Event, camera: String, accepted: Bool, receivedAtMs: Int64) throws -> Bool {
    let handle = statement.sqliteStatement
    used = 0
    bind(event.workerID, 1)
    sqlite3_bind_int64(handle, 2, event.timestampMs)
    sqlite3_bind_int64(handle, 3, Int64(event.kind.rawValue))
    bind(event.workstationID, 4)
    bind(event.eventID, 5)
    bind(camera, 6)
    bind(event.modelVersion, 7)
    if let confidence = event.confidencePpm {
      sqlite3_bind_int64(handle, 8, Int64(confidence))
    } else {
      sqlite3_bind_null(handle, 8)
    }
    sqlite3_bind_int64(handle, 9, Int64(event.count))
    sqlite3_bind_int64(handle, 10, accepted ? 1 : 0)
    sqlite3_bind_int64(handle, 11, receivedAtMs)
    let code = sqlite3_step(handle)
    guard code == SQLITE_DONE else {
      let message = sqlite3_errmsg(connection).map { String(cString: $0) }
      let extended = sqlite3_extended_errcode(connection)
      sqlite3_reset(handle)
      throw DatabaseError(
        resultCode: ResultCode(rawValue: extended), message: message, sql: statement.sql)
    }
    sqlite3_reset(handle)
    guard sqlite3_changes(connection) > 0 else { return false }
    checksums.add(
      EventChecksums.Row(
        timestampMs: event.timestampMs, kind: Int64(event.kind.rawValue),
        confidencePpm: event.confidencePpm.map(Int64.init) ?? -1, count: Int64(event.count),
        accepted: accepted ? 1 : 0, receivedAtMs: receivedAtMs),
      texts: UnsafeBufferPointer(rebasing: texts[..<used]))
    return true
  }

  func dequeueChecksums() -> [Int64: EventChecksums.Quarter] {
    checksums.settle()
    defer { checksums = EventChecksums() }
    return checksums.quarters
  }

  private func bind(_ text: String, _ index: Int32) {
    var text = text
    text.withUTF8 { bytes in
      precondition(used + bytes.count < texts.count, "the decoder bounds every text")
      let place = UnsafeMutableBufferPointer(rebasing: texts[used...])
      _ = place.update(from: bytes)
      // With a terminating zero SQLite makes no terminated copy for the table's CHECKs. No text contains a
      // zero.
      place[bytes.count] = 0
      place.withMemoryRebound(to: CChar.self) { place in
        _ = sqlite3_bind_text(statement.sqliteStatement, index, place.baseAddress, -1, nil)
      }
      used += bytes.count + 1
    }
  }
}
