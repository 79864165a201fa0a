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
    // The function reads only, but is not declared so.
    var bytes = bytes
    let count = Int32(bytes.count)
    try bytes.withUnsafeMutableBytes { buffer in
      try check(
        sqlite3changeset_apply(
          db.sqliteConnection, count, buffer.baseAddress, nil, { _, _, _ in SQLITE_CHANGESET_ABORT }, nil),
        "apply")
    }
  }

  /// For a connection that only applies patchsets: what triggers did is in them.
  static func withoutTriggers(_ db: Database) throws {
    try check(andon_sqlite_without_triggers(db.sqliteConnection), "triggers")
  }

  private static func check(_ code: Int32, _ call: String) throws {
    guard code == SQLITE_OK else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: "the session extension cannot \(call)")
    }
  }
}
