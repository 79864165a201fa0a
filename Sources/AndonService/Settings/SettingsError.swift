/// One mistake in a configuration: where it is and what was expected.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
  package var file: String
  package var line: Int?
  /// The key path, e.g. `sites[0].timezone`.
  package var path: String
  package var message: String

  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
  }
}

/// All mistakes of a configuration, one a line.
package struct SettingsErrors: Error, Sendable, CustomStringConvertible {
  package var errors: [SettingsError]

  package var description: String { errors.map(\.description).joined(separator: "\n") }
}
