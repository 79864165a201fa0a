/// One mistake in a configuration: where it is and what was expected.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, or `environment`.
  package var file: String
  /// Counted from 1; nil where no line applies.
  package var line: Int?
  /// The key path, e.g. `sites[0].timezone`, or the variable's name; empty for the whole file.
  package var path: String
  package var message: String

  package init(file: String, line: Int? = nil, path: String, message: String) {
    self.file = file
    self.line = line
    self.path = path
    self.message = message
  }

  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
  }
}
