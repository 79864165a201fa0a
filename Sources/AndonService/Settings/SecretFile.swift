import Foundation

/// Secrets come from files (or the environment), never from the configuration or a command line.
enum SecretFile {
  /// The file's text without its last line feed.
  static func read(_ path: String, for key: String) throws -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SettingsError(file: path, line: nil, path: key, message: "this file cannot be read")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
