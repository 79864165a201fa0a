/// Parsed values by key path; missing ones have the keys' defaults.
package struct SettingValues {
  private var values: [String: SettingValue] = [:]
  private var origins: [String: SettingOrigin] = [:]

  private static let defaults: [String: SettingValue] = SettingKey.known.reduce(into: [:]) { values, key in
    values[key.path] = key.defaultText.flatMap { try? SettingValue($0, kind: key.kind) }
  }

  /// A value for a key that may also be a section takes the place of what the section said.
  mutating func set(_ path: String, _ value: SettingValue, _ origin: SettingOrigin) {
    for part in SettingKey.parts(of: path) { forget(part.path) }
    values[path] = value
    origins[path] = origin
  }

  private mutating func forget(_ path: String) {
    values[path] = nil
    origins[path] = nil
  }

  /// Adds the values of `base` that are not set here.
  mutating func lay(over base: SettingValues) {
    var base = base
    for path in values.keys {
      for part in SettingKey.parts(of: path) { base.forget(part.path) }
    }
    values = base.values.merging(values) { _, own in own }
    origins = base.origins.merging(origins) { _, own in own }
  }

  /// Where the value was written; nil for a default. The path must be a key's.
  func origin(_ path: String) -> SettingOrigin? {
    Self.checkKey(path)
    return origins[path]
  }

  /// Nil for a key without a value or a default. The path must be a key's.
  subscript(path: String) -> SettingValue? {
    Self.checkKey(path)
    return values[path] ?? Self.defaults[path]
  }

  /// A misspelt path in this program would otherwise look like a key that has no value.
  private static func checkKey(_ path: String) {
    precondition(SettingKey.named(path) != nil, "there is no key \(path)")
  }

  func text(_ path: String) -> String { optionalText(path) ?? "" }

  func optionalText(_ path: String) -> String? {
    guard case .text(let text) = self[path] else { return nil }
    return text
  }

  /// Every number has a default.
  func number(_ path: String) -> Int64 {
    guard case .number(let number) = self[path] else { preconditionFailure("\(path) is no number") }
    return number
  }

  /// Nil for a key without a value or a default.
  func optionalNumber(_ path: String) -> Int64? {
    guard case .number(let number) = self[path] else { return nil }
    return number
  }

  /// Every flag has a default.
  func flag(_ path: String) -> Bool {
    guard case .flag(let isOn) = self[path] else { preconditionFailure("\(path) is no flag") }
    return isOn
  }

  func words(_ path: String) -> [String] {
    guard case .words(let words) = self[path] else { return [] }
    return words
  }
}
