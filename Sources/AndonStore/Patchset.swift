import CSQLiteSetup
import GRDB

/// SQLite's session extension: what a transaction changes in the small tables, as a patchset, and applying one.
///
/// A patchset has the new values of each changed row, and the keys of the rows that are gone: what was changed and taken back
/// within the transaction is not in it.
final class Patchset {
  private let session: OpaquePointer

  /// Whether the library was built with the extension.
  static let isAvailable =
    sqlite3_compileoption_used("ENABLE_SESSION") == 1
    && sqlite3_compileoption_used("ENABLE_PREUPDATE_HOOK") == 1

  /// Records what the connection changes from now on.
  init(recording db: Database) throws {
    var made: OpaquePointer?
    try Self.check(sqlite3session_create(db.sqliteConnection, "main", &made), "create")
    guard let made else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
    session = made
    sqlite3session_table_filter(
      made, { _, name in name.map { SmallTables.isOutside($0) ? 0 : 1 } ?? 0 }, nil)
    do {
      try Self.check(sqlite3session_attach(made, nil), "attach")
    } catch {
      sqlite3session_delete(made)
      throw error
    }
  }

  deinit { sqlite3session_delete(session) }

  /// What has changed, as it is now. O(changed rows). Empty when nothing has.
  func bytes() throws -> [UInt8] {
    var count: Int32 = 0
    var buffer: UnsafeMutableRawPointer?
    try Self.check(sqlite3session_patchset(session, &count, &buffer), "patchset")
    defer { sqlite3_free(buffer) }
    guard let buffer, count > 0 else { return [] }
    return Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
  }

  /// Applies a patchset. The connection has no triggers. A change that does not fit to the rows is refused, and leaves
  /// nothing: either the patchset or what it is applied to is not what it was.
  static func apply(_ bytes: [UInt8], to db: Database) throws {
    guard !bytes.isEmpty else { return }
    try withBytes(bytes) { count, start in
      try check(
        sqlite3changeset_apply(
          db.sqliteConnection, count, start, nil, { _, _, _ in SQLITE_CHANGESET_ABORT }, nil), "apply")
    }
  }

  /// The largest number that a patchset gives to a new row, by table: also of rows that a later one deletes, of which nothing
  /// is left when they are joined. Tables with another key than one number are left out.
  static func largestNumbers(_ bytes: [UInt8], _ numbers: inout [String: Int64]) throws {
    guard !bytes.isEmpty else { return }
    try withBytes(bytes) { count, start in
      var made: OpaquePointer?
      try check(sqlite3changeset_start(&made, count, start), "read")
      guard let rows = made else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
      defer { sqlite3changeset_finalize(rows) }
      var code = sqlite3changeset_next(rows)
      while code == SQLITE_ROW {
        if let (table, number) = try newNumber(rows) { numbers[table] = max(numbers[table] ?? 0, number) }
        code = sqlite3changeset_next(rows)
      }
      guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
  }

  /// The table and key of a new row; nil for other changes, and other keys.
  private static func newNumber(_ rows: OpaquePointer) throws -> (table: String, number: Int64)? {
    var name: UnsafePointer<CChar>?
    var (columns, operation, indirect): (Int32, Int32, Int32) = (0, 0, 0)
    try check(sqlite3changeset_op(rows, &name, &columns, &operation, &indirect), "read")
    guard operation == SQLITE_INSERT, let name else { return nil }
    var keys: UnsafeMutablePointer<UInt8>?
    try check(sqlite3changeset_pk(rows, &keys, &columns), "read")
    guard let keys else { return nil }
    let places = (0..<Int(columns)).filter { keys[$0] != 0 }
    guard places.count == 1 else { return nil }
    var value: OpaquePointer?
    try check(sqlite3changeset_new(rows, Int32(places[0]), &value), "read")
    guard let value, sqlite3_value_type(value) == SQLITE_INTEGER else { return nil }
    return (String(cString: name), sqlite3_value_int64(value))
  }

  /// Several patchsets as one: a row that many of them change is written once, and each table is looked at once. The order
  /// is theirs.
  ///
  /// - Throws: when one is no patchset, or of other tables.
  static func joined(_ patchsets: [[UInt8]]) throws -> [UInt8] {
    let parts = patchsets.filter { !$0.isEmpty }
    guard parts.count > 1 else { return parts.first ?? [] }
    var made: OpaquePointer?
    try check(sqlite3changegroup_new(&made), "group")
    guard let made else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
    defer { sqlite3changegroup_delete(made) }
    for part in parts {
      try withBytes(part) { count, start in try check(sqlite3changegroup_add(made, count, start), "add") }
    }
    var count: Int32 = 0
    var buffer: UnsafeMutableRawPointer?
    try check(sqlite3changegroup_output(made, &count, &buffer), "join")
    defer { sqlite3_free(buffer) }
    guard let buffer, count > 0 else { return [] }
    return Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
  }

  /// For a connection that only applies patchsets: what triggers did is in them.
  static func withoutTriggers(_ db: Database) throws {
    try check(andon_sqlite_without_triggers(db.sqliteConnection), "triggers")
  }

  /// For functions that only read, and are not declared so.
  private static func withBytes(
    _ bytes: [UInt8], _ body: (_ count: Int32, _ start: UnsafeMutableRawPointer?) throws -> Void
  ) throws {
    var bytes = bytes
    let count = Int32(bytes.count)
    try bytes.withUnsafeMutableBytes { try body(count, $0.baseAddress) }
  }

  private static func check(_ code: Int32, _ call: String) throws {
    guard code == SQLITE_OK else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: "the session extension cannot \(call)")
    }
  }
}
