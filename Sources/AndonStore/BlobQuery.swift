import AndonCore
import GRDB
import GRDBSQLite

/// Reads blobs where they lie. A late event reads a few; GRDB's rows would copy each of them, and the other columns.
enum BlobQuery {
  /// The first result that is not nil, of the rows of a query of an integer and a blob. The span is valid only inside
  /// the call.
  static func first<Result>(
    _ sql: String, _ arguments: [any DatabaseValueConvertible], _ db: Database,
    _ body: (_ number: Int64, _ blob: Span<UInt8>) throws -> Result?
  ) throws -> Result? {
    let statement = try db.cachedStatement(sql: sql)
    statement.setUncheckedArguments(StatementArguments(arguments))
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { return nil }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
      }
      let number = sqlite3_column_int64(handle, 0)
      // SQLite requires this order: first the pointer, then its length.
      let blob = sqlite3_column_blob(handle, 1)?.assumingMemoryBound(to: UInt8.self)
      let bytes = Span(
        _unsafeStart: blob ?? Self.nothing, count: blob == nil ? 0 : Int(sqlite3_column_bytes(handle, 1)))
      if let result = try body(number, bytes) { return result }
    }
  }

  /// A valid pointer for empty spans.
  nonisolated(unsafe) private static let nothing = UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
}
