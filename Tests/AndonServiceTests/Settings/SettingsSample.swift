import Testing

@testable import AndonConfiguration

/// Small configurations for the tests in this folder.
enum SettingsSample {
  static let site = "sites: [{id: p, timezone: UTC}]"

  static func load(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings {
    try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: environment)
  }

  /// The error message for a configuration that must not load.
  static func complaint(_ yaml: String, _ environment: [String: String] = [:]) -> String {
    do {
      _ = try load(yaml, environment)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  static func shifts(_ shifts: String) -> String { "sites: [{id: p, timezone: UTC, shifts: [\(shifts)]}]" }
}
