import GRDB
import GRDBSQLite

extension StoreTransaction {
  /// The integers of the one row of a query without arguments; nil without a row.
  ///
  /// A row of GRDB's copies its values: 40 000 instructions for ten of them, in each commit.
  func integers(_ sql: String, columns: Int) throws -> [Int64]? {
    let statement = try db.cachedStatement(sql: sql)
    let handle = statement.sqliteStatement
    sqlite3_reset(handle)
    defer { sqlite3_reset(handle) }
    let code = sqlite3_step(handle)
    if code == SQLITE_DONE { return nil }
    guard code == SQLITE_ROW else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: statement.sql)
    }
    return (0..<Int32(columns)).map { sqlite3_column_int64(handle, $0) }
  }
}
