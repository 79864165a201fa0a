import CZlib

/// RFC 1952, with the system's zlib.
enum Gzip {
  /// Smaller bodies gain nothing.
  static let minimumBytes = 1024

  /// Nil when zlib has no memory.
  static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8]? {
    var stream = z_stream()
    guard andon_deflate_init_gzip(&stream, level) == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
    let result = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    guard result == Z_STREAM_END else { return nil }
    output.removeLast(Int(stream.avail_out))
    return output
  }

  /// Whether the client accepts gzip (RFC 9110, 12.5.3).
  static func isAccepted(_ header: String?) -> Bool {
    WeightedItem.all(header).contains { ["gzip", "*"].contains($0.name) && $0.weight != 0 }
  }
}
