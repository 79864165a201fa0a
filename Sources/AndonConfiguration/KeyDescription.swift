/// One key that no variable can set: of a site, a mapping or a route.
struct KeyDescription: Sendable {
  /// Relative to the list's element: `shifts[].start`; `{id}` stands for an id.
  var path: String
  /// The form of the value.
  var form: String
  var isRequired = false
  var help: String
}

extension [KeyDescription] {
  /// The keys directly below a path (empty: of the element itself), e.g. `start` below `shifts[]`.
  func names(below parent: String) -> [String] {
    let prefix = parent.isEmpty ? "" : parent + "."
    return compactMap { key in
      guard key.path.hasPrefix(prefix) else { return nil }
      let rest = key.path.dropFirst(prefix.count)
      return rest.contains(".") || rest.contains("[") ? nil : String(rest)
    }
  }

  /// The rows of a table in the reference.
  func table(of list: String) -> [String] {
    ["| key | value | required | meaning |", "|---|---|---|---|"]
      + map { "| `\(list)[].\($0.path)` | \($0.form) | \($0.isRequired ? "yes" : "no") | \($0.help) |" }
  }
}
