import Foundation

/// Counts a text in the bytes of a file.
package enum FileScan {
  private static let chunkBytes = 4 << 20

  /// O(bytes), constant memory; 0 for a file that is not there.
  package static func count(of text: String, in path: String) throws -> Int {
    let needle = Array(text.utf8)
    guard !needle.isEmpty, let file = FileHandle(forReadingAtPath: path) else { return 0 }
    defer { try? file.close() }
    var found = 0
    var rest: [UInt8] = []
    while let chunk = try file.read(upToCount: chunkBytes), !chunk.isEmpty {
      let bytes = rest + chunk
      found += Self.count(needle, in: bytes)
      // What may be the beginning of one that ends in the next chunk.
      rest = Array(bytes.suffix(needle.count - 1))
    }
    return found
  }

  private static func count(_ needle: [UInt8], in bytes: [UInt8]) -> Int {
    guard bytes.count >= needle.count else { return 0 }
    return bytes.withUnsafeBufferPointer { bytes in
      needle.withUnsafeBufferPointer { needle in
        var found = 0
        for start in 0...(bytes.count - needle.count) where bytes[start] == needle[0] {
          var length = 1
          while length < needle.count, bytes[start + length] == needle[length] { length += 1 }
          if length == needle.count { found += 1 }
        }
        return found
      }
    }
  }
}
