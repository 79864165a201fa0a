import Foundation

/// Reads secrets from files. Secrets come from files or the environment, never from the configuration or a
/// command line.
package enum SecretFile {
  /// The longest secret, bytes (MQTT 5, 1.5.4: a string has a length of two bytes).
  package static let maximumLength = 65_535

  /// The file's text without one final line end (LF or CRLF).
  ///
  /// - Throws: `SettingsError`, which names the file and the key, never the content.
  package static func read(_ path: String, for key: String) throws -> String {
    func error(_ message: String) -> SettingsError {
      SettingsError(file: path, line: nil, path: key, message: message)
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw error("this file cannot be read")
    }
    var bytes = data[...]
    if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
    if bytes.count < data.count, bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
    // An empty secret would admit every client that sends none.
    guard !bytes.isEmpty else { throw error("this file is empty") }
    guard bytes.count <= maximumLength, let text = String(bytes: bytes, encoding: .utf8) else {
      throw error("this file must be UTF-8 text of at most \(maximumLength) bytes")
    }
    return text
  }
}
