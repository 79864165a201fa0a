import AndonCore
import CZlib
import Foundation
import GRDB
import GRDBSQLite

/// The rows of the small tables as bytes: a patchset that inserts all of them into an empty file, compressed.
///
/// A version, the chain of the patches, the counts of `AUTOINCREMENT`, the length and a checksum of the patchset, and the
/// patchset (zlib). A patchset, so that one function reads bases and patches.
struct WorkingImage {
  private static let version: Int64 = 1
  /// More than a database takes in one value.
  private static let mostBytes = 900 << 20

  /// The hash chain of the patches up to it.
  var patchTip: Int64
  /// By table, the greatest number that was ever given (`sqlite_sequence`).
  var sequences: [String: Int64]
  var patchset: [UInt8]

  // MARK: Writing

  /// All rows of the file. O(bytes of the small tables).
  init(patchTip: Int64, _ db: Database) throws {
    self.patchTip = patchTip
    sequences = try Row.fetchAll(db, sql: "SELECT name, seq FROM sqlite_sequence")
      .reduce(into: [:]) { $0[$1[0]] = $1[1] }
    patchset = []
    for table in try SmallTables.names(db) { try append(table, db) }
  }

  /// As SQLite documents the format of patchsets: the table, and an insertion for each row.
  private mutating func append(_ table: String, _ db: Database) throws {
    let columns = try Row.fetchAll(db, sql: "PRAGMA table_info(\"\(table)\")")
    var head = [UInt8(ascii: "P")]
    Self.append(UInt64(columns.count), to: &head)
    for column in columns { head.append(UInt8(truncatingIfNeeded: column["pk"] as Int64)) }
    head += Array(table.utf8) + [0]
    let statement = try db.makeStatement(sql: "SELECT * FROM \"\(table)\"")
    let handle = statement.sqliteStatement
    var isFirst = true
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else {
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
      }
      if isFirst { patchset += head }
      isFirst = false
      patchset += [UInt8(SQLITE_INSERT), 0]
      for column in 0..<Int32(columns.count) { append(column, of: handle) }
      guard patchset.count < Self.mostBytes else {
        throw DatabaseError(resultCode: .SQLITE_TOOBIG, message: "the small tables are too large for a base")
      }
    }
  }

  private mutating func append(_ column: Int32, of handle: OpaquePointer?) {
    let type = sqlite3_column_type(handle, column)
    patchset.append(UInt8(type))
    switch type {
    case SQLITE_INTEGER: append(bits: UInt64(bitPattern: sqlite3_column_int64(handle, column)))
    case SQLITE_FLOAT: append(bits: sqlite3_column_double(handle, column).bitPattern)
    case SQLITE_NULL: break
    default:
      // The bytes of a text, too.
      let bytes = sqlite3_column_blob(handle, column)
      let count = Int(sqlite3_column_bytes(handle, column))
      Self.append(UInt64(count), to: &patchset)
      patchset.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    }
  }

  private mutating func append(bits: UInt64) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      patchset.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
  }

  /// SQLite's variable-length integers of at most 32 bits: seven bits a byte, the high ones first.
  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var groups = [UInt8(value & 0x7F)]
    var rest = value >> 7
    while rest > 0 {
      groups.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes += groups.reversed()
  }

  func encoded() throws -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.version)
    writer.append(patchTip)
    writer.append(Int64(sequences.count))
    for (table, number) in sequences.sorted(by: { $0.key < $1.key }) {
      writer.append(text: table)
      writer.append(number)
    }
    writer.append(Int64(patchset.count))
    writer.append(ShipChain.tip(after: patchTip, patchset))
    var count = compressBound(uLong(patchset.count))
    var packed = [UInt8](repeating: 0, count: Int(count))
    guard compress2(&packed, &count, patchset, uLong(patchset.count), 1) == Z_OK else {
      throw DatabaseError(resultCode: .SQLITE_NOMEM, message: "the small tables cannot be compressed")
    }
    writer.append(bytes: Array(packed.prefix(Int(count))))
    return writer.bytes
  }

  // MARK: Reading

  /// Nil for bytes that `encoded` does not give, or that are not what was written.
  init?(encoded bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard reader.integer() == Self.version, let tip = reader.integer(), let tables = reader.integer(),
      0...1000 ~= tables
    else { return nil }
    (patchTip, sequences, patchset) = (tip, [:], [])
    for _ in 0..<tables {
      guard let table = reader.text(), let number = reader.integer() else { return nil }
      sequences[table] = number
    }
    guard let length = reader.integer(), 0...Int64(Self.mostBytes) ~= length, let sum = reader.integer()
    else {
      return nil
    }
    let packed = Array(bytes.suffix(reader.left))
    // Zlib's own bound: more than a thousandfold it never packs.
    guard length / 1100 <= Int64(packed.count) else { return nil }
    var unpacked = [UInt8](repeating: 0, count: Int(length))
    var count = uLong(length)
    let code = uncompress(&unpacked, &count, packed, uLong(packed.count))
    guard code == Z_OK, count == uLong(length), ShipChain.tip(after: tip, unpacked) == sum else { return nil }
    patchset = unpacked
  }
}
