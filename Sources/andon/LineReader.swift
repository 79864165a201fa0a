import Foundation

/// Reads the lines of a file or of standard input in pieces; memory is bounded by the longest allowed line.
final class LineReader {
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  private(set) var bytesRead: Int64 = 0
  /// The file's size, or 0 when it is unknown.
  let totalBytes: Int64
  /// A longer line is returned in pieces, each of which the decoder rejects.
  private static let longestLine = 1 << 20

  init(path: String) throws {
    if path == "-" {
      handle = .standardInput
      totalBytes = 0
      return
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw Failure("\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    self.handle = handle
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    totalBytes = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
  }

  /// The next line without its line feed (and carriage return), or nil at the end.
  func next() throws -> [UInt8]? {
    while true {
      if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return trimmed(buffer[start..<end])
      }
      if buffer.count - start > Self.longestLine || isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return trimmed(buffer[start...])
      }
      buffer.removeSubrange(..<start)
      start = 0
      let piece = try handle.read(upToCount: 256 * 1024) ?? Data()
      isAtEnd = piece.isEmpty
      bytesRead += Int64(piece.count)
      buffer.append(contentsOf: piece)
    }
  }

  private func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }
}
