/// All mistakes of a configuration, one a line: those of the file in its order, then those of variables.
package struct SettingsErrors: Error, Sendable, CustomStringConvertible {
  package var errors: [SettingsError]

  package var description: String { errors.map(\.description).joined(separator: "\n") }
}
