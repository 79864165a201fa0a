import AndonCore
import GRDB
import GRDBSQLite

/// The one statement that runs for every event, with hand-written bindings.
///
/// GRDB's argument arrays box each of the eleven values. Binding in place allocates nothing and saves a quarter of the
/// cost of an event (`andon-bench ingest`).
final class EventInsert {
  private let statement: Statement
  private let connection: SQLiteConnection?
  /// The event's id as it is stored: SQLite reads it in place, between `run` and its step.
  private let identifier: UnsafeMutableBufferPointer<UInt8>
  /// The decoder accepts at most 64 characters of up to four bytes in a text.
  private static let identifierBytes = 257
  /// Checksums of the rows that this transaction inserted.
  private var checksums = EventChecksums()
  private let log: ShipBodyWriter?

  /// - Parameter log: gets each event that is inserted.
  init(_ db: Database, log: ShipBodyWriter?) throws {
    self.log = log
    statement = try db.cachedStatement(
      sql: """
        INSERT INTO event (timestamp_ms, worker, kind, workstation, event_id, camera, model, confidence_ppm, count,
          accepted, delay_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """)
    connection = db.sqliteConnection
    identifier = .allocate(capacity: Self.identifierBytes)
  }

  deinit {
    // GRDB's cache keeps the statement after this transaction; the bytes are freed here.
    sqlite3_clear_bindings(statement.sqliteStatement)
    identifier.deallocate()
  }

  /// Inserts the event unless its identity is already stored. Returns whether it did.
  func run(
    _ event: Event, _ names: EventNames, camera: String, accepted: Bool, receivedAtMs: Int64
  ) throws -> Bool {
    let handle = statement.sqliteStatement
    sqlite3_bind_int64(handle, 1, event.timestampMs)
    sqlite3_bind_int64(handle, 2, Int64(names.worker))
    sqlite3_bind_int64(handle, 3, Int64(event.kind.rawValue))
    sqlite3_bind_int64(handle, 4, Int64(names.workstation))
    let (identifierCount, isUUID) = bind(event.eventID, 5)
    sqlite3_bind_int64(handle, 6, Int64(names.camera))
    sqlite3_bind_int64(handle, 7, Int64(names.model))
    if let confidence = event.confidencePpm {
      sqlite3_bind_int64(handle, 8, Int64(confidence))
    } else {
      sqlite3_bind_null(handle, 8)
    }
    sqlite3_bind_int64(handle, 9, Int64(event.count))
    sqlite3_bind_int64(handle, 10, accepted ? 1 : 0)
    let delayMs = receivedAtMs - event.timestampMs
    sqlite3_bind_int64(handle, 11, delayMs)
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
        timestampMs: event.timestampMs, kind: Int64(event.kind.rawValue), worker: Int64(names.worker),
        workstation: Int64(names.workstation), camera: Int64(names.camera), model: Int64(names.model),
        confidencePpm: event.confidencePpm.map(Int64.init) ?? -1, count: Int64(event.count),
        accepted: accepted ? 1 : 0, delayMs: delayMs),
      identifier: UnsafeBufferPointer(rebasing: identifier[..<identifierCount]))
    if let log {
      log.append(
        event, camera: camera,
        ShipNumbers(
          worker: names.worker, workstation: names.workstation, camera: names.camera, model: names.model),
        ShipArrival(receivedAtMs: receivedAtMs, isAccepted: accepted, isUUID: isUUID),
        identifier: Span(
          _unsafeElements: UnsafeBufferPointer(rebasing: identifier[..<identifierCount])))
    }
    return true
  }

  func dequeueChecksums() -> [Int64: EventChecksums.Quarter] {
    checksums.settle()
    defer { checksums = EventChecksums() }
    return checksums.quarters
  }

  /// Returns the number of bytes, and whether they are those of a UUID.
  private func bind(_ text: String, _ index: Int32) -> (count: Int, isUUID: Bool) {
    var text = text
    return text.withUTF8 { bytes in
      guard let place = identifier.baseAddress else { return (0, false) }
      if EventIdentifier.writeUUID(bytes, to: place) {
        sqlite3_bind_blob(statement.sqliteStatement, index, place, Int32(EventIdentifier.uuidBytes), nil)
        return (EventIdentifier.uuidBytes, true)
      }
      precondition(bytes.count < identifier.count, "the decoder bounds every text")
      _ = identifier.update(from: bytes)
      // With a terminating zero SQLite makes no terminated copy for the table's CHECKs. No text contains a
      // zero.
      identifier[bytes.count] = 0
      place.withMemoryRebound(to: CChar.self, capacity: bytes.count + 1) { place in
        _ = sqlite3_bind_text(statement.sqliteStatement, index, place, -1, nil)
      }
      return (bytes.count, false)
    }
  }
}
