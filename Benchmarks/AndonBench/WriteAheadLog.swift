import Foundation

/// Counts what is written to a database's write-ahead log, from outside: SQLite keeps the number of the last
/// frame in the header of its index file, "-shm" (https://www.sqlite.org/walformat.html).
struct WriteAheadLog {
  /// What the commits since the start wrote until the last look, bytes. Right when there is a look after each commit.
  private(set) var bytes: Int64 = 0
  private let path: String
  private var last: (frame: Int64, salt: UInt64) = (0, 0)

  /// Counts from here on.
  init(databasePath: String) throws {
    path = databasePath + "-shm"
    try look()
    bytes = 0
  }

  /// Adds the frames of the commit that has just ended.
  mutating func look() throws {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    let header = [UInt8](try file.read(upToCount: 48) ?? Data())
    precondition(header.count == 48, "the index of a write-ahead log has a header")
    let frame = Int64(Self.number(header[16..<20]))
    let salt = Self.number(header[32..<40])
    // After a checkpoint the log starts again, with another salt.
    let added = salt == last.salt ? frame - last.frame : frame
    let page = Int64(Self.number(header[14..<16]))
    // 1 stands for 65536.
    bytes += added * (24 + (page == 1 ? 65_536 : page))
    last = (frame, salt)
  }

  /// In the byte order of this machine, as the file is.
  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
