/// Parsed values by key path; missing ones have the keys' defaults.
package struct SettingValues {
  private var values: [String: SettingValue] = [:]
  private var origins: [String: SettingOrigin] = [:]

  private static let defaults: [String: SettingValue] = SettingKey.all.reduce(into: [:]) { values, key in
    values[key.path] = key.defaultText.flatMap { try? SettingValue($0, kind: key.kind) }
  }

  mutating func set(_ path: String, _ value: SettingValue, _ origin: SettingOrigin) {
    values[path] = value
    origins[path] = origin
  }

  /// Adds the values of `base` that are not set here.
  mutating func lay(over base: SettingValues) {
    values = base.values.merging(values) { _, own in own }
    origins = base.origins.merging(origins) { _, own in own }
  }

  /// Where the value was written; nil for a default.
  func origin(_ path: String) -> SettingOrigin? { origins[path] }

  subscript(path: String) -> SettingValue? { values[path] ?? Self.defaults[path] }

  func text(_ path: String) -> String { optionalText(path) ?? "" }

  func optionalText(_ path: String) -> String? {
    guard case .text(let text) = self[path] else { return nil }
    return text
  }

  func number(_ path: String) -> Int64 {
    guard case .number(let number) = self[path] else { return 0 }
    return number
  }

  func flag(_ path: String) -> Bool { self[path] == .flag(true) }

  func words(_ path: String) -> [String] {
    guard case .words(let words) = self[path] else { return [] }
    return words
  }
}
