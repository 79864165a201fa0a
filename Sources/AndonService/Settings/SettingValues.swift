/// Parsed values by key path, falling back to the keys' defaults.
struct SettingValues {
  private var values: [String: SettingValue] = [:]

  subscript(path: String) -> SettingValue? {
    get {
      if let value = values[path] { return value }
      guard let key = SettingKey.named(path), let text = key.defaultText else { return nil }
      return try? SettingValue(text, kind: key.kind)
    }
    set { values[path] = newValue }
  }

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
