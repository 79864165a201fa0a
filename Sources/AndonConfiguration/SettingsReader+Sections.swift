import Yams

extension SettingsReader {
  /// The members of a mapping, none for an empty value. Records a mistake for anything else, and for a
  /// repeated name (Yams itself finds repeats of one type only: not 1 and "1").
  mutating func members(
    of node: Node, _ path: String, expected: String = "must be a section of keys"
  ) -> [Member] {
    guard let mapping = node.mapping else {
      if !Self.isNothing(node) { report(node, path, expected) }
      return []
    }
    var members: [Member] = []
    var names: Set<String> = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        report(key, path, "a key must be a plain word")
        continue
      }
      guard names.insert(name).inserted else {
        report(key, Self.join(path, name), "stands twice in one section")
        continue
      }
      members.append(Member(name: name, key: key, value: value))
    }
    return members
  }

  /// Reads `path` and below; `prefix` is added to paths in messages only.
  mutating func readSection(_ node: Node, path: String, prefix: String, into values: inout SettingValues) {
    for member in members(of: node, prefix + path) {
      let childPath = "\(path).\(member.name)"
      let definition = SettingKey.named(childPath)
      if let definition, SettingKey.parts(of: childPath).isEmpty || member.value.mapping == nil {
        readValue(member, definition, prefix: prefix, into: &values)
      } else if SettingKey.known.contains(where: { $0.path.hasPrefix(childPath + ".") }) {
        readSection(member.value, path: childPath, prefix: prefix, into: &values)
      } else if Self.lists.contains(childPath) {
        // Read on its own: its items are no values.
        continue
      } else if childPath == "broker.password" {
        report(member.key, prefix + childPath, "a password must not stand here: use broker.password_file")
      } else {
        recordUnknown(member, prefix + path, among: Self.names(below: path))
      }
    }
  }

  /// Lists of sections inside a section of values.
  private static let lists: Set<String> = ["stops.reasons", "overview.brokers"]

  private static func names(below path: String) -> [String] {
    names(ofValuesBelow: path)
      + lists.filter { $0.hasPrefix(path + ".") }.map { String($0.dropFirst(path.count + 1)) }
  }

  private static func names(ofValuesBelow path: String) -> [String] {
    SettingKey.known.filter { $0.path.hasPrefix(path + ".") }
      .map { String($0.path.dropFirst(path.count + 1).prefix { $0 != "." }) }
      .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  private mutating func readValue(
    _ member: Member, _ definition: SettingKey, prefix: String, into values: inout SettingValues
  ) {
    let path = prefix + definition.path
    let text: String
    if definition.kind.isPlural, let sequence = member.value.sequence {
      text = sequence.map { $0.scalar?.string ?? "?" }.joined(separator: ",")
    } else if Self.isNothing(member.value) {
      report(member.key, path, "must have a value; leave the key out for its default")
      return
    } else if let scalar = member.value.scalar {
      text = scalar.string
    } else {
      report(
        member.value, path, "must be one value, not a \(member.value.sequence == nil ? "section" : "list")")
      return
    }
    set(text, definition, .line(member.value.mark?.line), prefix: prefix, into: &values)
  }

  mutating func set(
    _ text: String, _ definition: SettingKey, _ origin: SettingOrigin, prefix: String,
    into values: inout SettingValues
  ) {
    do {
      values.set(definition.path, try SettingValue(text, kind: definition.kind), origin)
    } catch {
      report(origin, prefix + definition.path, error.message(found: text))
    }
  }

  mutating func recordUnknown(_ member: Member, _ path: String, among known: [String]) {
    report(
      member.key, Self.join(path, member.name),
      "unknown key" + Suggestion.text(for: member.name, among: known))
  }

  static func join(_ path: String, _ name: String) -> String {
    let shown = SettingValue.Failure.excerpt(name)
    return path.isEmpty ? shown : "\(path).\(shown)"
  }

  /// Whether the value is missing or one of YAML's words for that; a quoted word counts as text.
  static func isNothing(_ node: Node) -> Bool {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }
}
