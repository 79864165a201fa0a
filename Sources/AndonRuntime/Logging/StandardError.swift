import Foundation

/// Writes whole lines to standard error: one write(2) each, so that lines of several threads do not mix.
enum StandardError {
  static func write(line: [UInt8]) {
    let bytes = line + [UInt8(ascii: "\n")]
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      _ = Foundation.write(2, base, buffer.count)
    }
  }
}
