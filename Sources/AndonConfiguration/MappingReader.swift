import AndonCore
import Yams

/// Reads one mapping from its YAML, combined with its profile.
struct MappingReader {
  struct Mistake {
    var node: Node?
    var path: String
    var message: String
  }

  private(set) var mistakes: [Mistake] = []
  private let site: String
  private let item: SettingsReader.MappingNode
  private var captures: [String] = []
  /// Lines of a profile's text are not lines of the file.
  private var isInProfile = false

  init(site: String, item: SettingsReader.MappingNode) {
    self.site = site
    self.item = item
  }

  private mutating func report(_ node: Node?, _ path: String, _ message: String) {
    let place = isInProfile ? item.node : node ?? item.node
    mistakes.append(Mistake(node: place, path: SettingsReader.join(item.path, path), message: message))
  }

  /// Nil when mistakes leave nothing to build a mapping from.
  mutating func rule(own: [String: Node], base: [String: Node], name: Node?) -> MappingRule? {
    guard let name = name?.scalar?.string, Identifier.isValid(name) else {
      report(name, "name", "must be 1 to 64 of [A-Za-z0-9_-]")
      return nil
    }
    guard let topicNode = own["topic"] ?? base["topic"], let topicText = topicNode.scalar?.string else {
      report(own["topic"], "topic", "must be a topic filter, e.g. cameras/{camera}/events")
      return nil
    }
    let topic: TopicPattern
    do throws(TopicPattern.Failure) {
      topic = try TopicPattern(filled(topicText))
    } catch {
      report(own["topic"], "topic", error.detail)
      return nil
    }
    captures = topic.captures
    var rule = MappingRule(name: name, topic: topic)
    if let node = own["payload"] ?? base["payload"] {
      rule.payload = word(node, "payload", MappingRule.Payload.self) ?? .json
    }
    if let node = own["each"] ?? base["each"] {
      rule.each = node.scalar.flatMap { JSONPointer($0.string) }
      if rule.each == nil { report(node, "each", "must be a JSON pointer, e.g. /objects") }
    }
    if let node = own["count_mode"] ?? base["count_mode"] {
      rule.countMode = word(node, "count_mode", MappingRule.CountMode.self) ?? .delta
    }
    isInProfile = own["when"] == nil
    rule.conditions = conditions(own["when"] ?? base["when"])
    isInProfile = true
    let replaced = Set((own["fields"]?.mapping ?? [:]).compactMap { $0.key.scalar?.string })
    readFields(base["fields"], into: &rule, without: replaced)
    isInProfile = false
    readFields(own["fields"], into: &rule)
    check(rule, own)
    return rule
  }

  /// `{site}` is known here, so it is not a capture.
  private func filled(_ text: String) -> String { text.replacing("{site}", with: site) }

  private mutating func word<Word: RawRepresentable & CaseIterable>(
    _ node: Node, _ path: String, _ type: Word.Type
  ) -> Word? where Word.RawValue == String {
    if let word = node.scalar.flatMap({ Word(rawValue: $0.string) }) { return word }
    report(node, path, "must be \(Word.allCases.map(\.rawValue).joined(separator: " or "))")
    return nil
  }

  // MARK: when

  private mutating func conditions(_ node: Node?) -> [MappingCondition] {
    guard let node, !SettingsReader.isNothing(node) else { return [] }
    guard let mapping = node.mapping else {
      report(node, "when", "must be a section of sources and values, e.g. {/type: [new, end]}")
      return []
    }
    return mapping.compactMap { key, value in
      let text = key.scalar?.string ?? ""
      guard let origin = MappingSource.origin(filled(text), captures: captures) else {
        report(key, "when", Self.sourceRule(text, captures))
        return nil
      }
      let values = value.sequence?.map { $0.scalar?.string } ?? [value.scalar?.string]
      guard !values.isEmpty, !values.contains(nil) else {
        report(value, "when", "must be a value or a list of values")
        return nil
      }
      let plain = values.compactMap(\.self)
      return MappingCondition(MappingSource(origin), values: plain == ["*"] ? [] : plain)
    }
  }

  private static func sourceRule(_ text: String, _ captures: [String]) -> String {
    let names = captures.map { "{\($0)}" }.joined(separator: ", ")
    let known = captures.isEmpty ? "the topic has no captures" : "the topic has \(names)"
    return
      "must be a JSON pointer like /a/b, $/a/b from the payload's root, or text with a capture (\(known)), not \""
      + SettingValue.Failure.excerpt(text) + "\""
  }

  // MARK: fields

  private mutating func readFields(
    _ node: Node?, into rule: inout MappingRule, without replaced: Set<String> = []
  ) {
    guard let node, !SettingsReader.isNothing(node) else { return }
    guard let mapping = node.mapping else {
      report(node, "fields", "must be a section of fields")
      return
    }
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      if replaced.contains(name) { continue }
      guard let field = MappingField(rawValue: name) else {
        report(
          key, "fields.\(name)",
          "unknown field" + Suggestion.text(for: name, among: MappingField.allCases.map(\.rawValue)))
        continue
      }
      let path = "fields.\(name)"
      var sources: [MappingSource] = []
      for child in value.sequence.map(Array.init) ?? [value] { sources += self.sources(child, field, path) }
      if sources.isEmpty, value.sequence?.isEmpty ?? false { report(value, path, "must have a source") }
      rule.fields[field] = sources
    }
  }

  /// The sources of one item: a source, then its default.
  private mutating func sources(_ node: Node, _ field: MappingField, _ path: String) -> [MappingSource] {
    guard let mapping = node.mapping else {
      guard let text = node.scalar?.string, !SettingsReader.isNothing(node) else {
        report(node, path, "must be a source")
        return []
      }
      return origin(text, node, field, path).map {
        [MappingSource($0, unit: $0 == .receipt ? .receipt : nil)]
      } ?? []
    }
    var parts: [String: Node] = [:]
    let known = MappingKey.names(below: "fields.{field}")
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      if known.contains(name) {
        parts[name] = value
      } else {
        report(key, "\(path).\(name)", "unknown key" + Suggestion.text(for: name, among: known))
      }
    }
    return source(parts, node, field, path)
  }

  private mutating func source(
    _ parts: [String: Node], _ node: Node, _ field: MappingField, _ path: String
  ) -> [MappingSource] {
    let unit = parts["unit"].flatMap { word($0, "\(path).unit", TimeUnit.self) }
    if let node = parts["unit"], field != .timestamp { report(node, "\(path).unit", "is only for timestamp") }
    var found: [MappingSource] = []
    if let from = parts["from"], let value = parts["value"] {
      report(value, "\(path).value", "stands beside from: one of them is too many")
      _ = from
    } else if let from = parts["from"] {
      if let origin = origin(from.scalar?.string ?? "", from, field, "\(path).from") {
        found.append(MappingSource(origin, unit: origin == .receipt ? .receipt : unit))
      }
    } else if let value = parts["value"] {
      if let text = constant(value, field, "\(path).value") { found.append(MappingSource(.constant(text))) }
    } else if unit == .receipt {
      found.append(MappingSource(.receipt, unit: .receipt))
    } else {
      report(node, path, "must have from or value")
    }
    let coercion = parts["as"].flatMap { word($0, "\(path).as", MappingSource.Coercion.self) }
    if coercion == .percent, field != .confidence {
      report(parts["as"], "\(path).as", "percent is only for confidence")
    }
    if coercion == .id, !field.isID { report(parts["as"], "\(path).as", "id is only for ids") }
    for index in found.indices {
      found[index].coercion = coercion
      found[index].map = parts["map"].map { map($0, field, "\(path).map") }
    }
    if let node = parts["default"], let text = constant(node, field, "\(path).default") {
      found.append(MappingSource(.constant(text)))
    }
    return found
  }

  private mutating func origin(
    _ text: String, _ node: Node, _ field: MappingField, _ path: String
  ) -> MappingSource.Origin? {
    if text == "receipt" {
      if field == .timestamp { return .receipt }
      report(node, path, "receipt is only for timestamp")
      return nil
    }
    if let origin = MappingSource.origin(filled(text), captures: captures) { return origin }
    // `{site}` alone has become plain text by now.
    if filled(text) != text, !filled(text).contains("{") { return .constant(filled(text)) }
    report(node, path, Self.sourceRule(text, captures) + "; a constant is {value: …}")
    return nil
  }

  private mutating func map(_ node: Node, _ field: MappingField, _ path: String) -> [String: String] {
    guard let mapping = node.mapping, !mapping.isEmpty else {
      report(node, path, "must be a section of values, e.g. {\"1\": working, \"0\": absent}")
      return [:]
    }
    var map: [String: String] = [:]
    for (key, value) in mapping {
      guard let from = key.scalar?.string else {
        report(key, path, "must map plain values")
        continue
      }
      if let text = constant(value, field, path) { map[from] = text }
    }
    return map
  }

  /// A constant in the configuration must be a valid value of the field.
  private mutating func constant(_ node: Node, _ field: MappingField, _ path: String) -> String? {
    guard let text = node.scalar?.string else {
      report(node, path, "must be one value")
      return nil
    }
    let expected: String?
    switch field {
    case .cameraID, .workerID, .workstationID:
      expected = Identifier.isValid(text) ? nil : "must be 1 to 64 of [A-Za-z0-9_-]"
    case .eventType:
      expected = EventKind(name: text) == nil ? "must be working, idle, absent or product_count" : nil
    case .confidence:
      expected =
        (try? SettingValue(text, kind: .fraction)) == nil ? "must be a fraction from 0 to 1" : nil
    case .count:
      expected = SettingValue.digits(text).map { $0 <= 10_000 } ?? false ? nil : "must be 0 to 10000"
    case .timestamp: expected = "a time is no constant"
    case .sequence: expected = "a number that grows is no constant"
    case .modelVersion, .eventID, .bootID:
      expected = (1...64).contains(text.utf8.count) ? nil : "must be 1 to 64 characters"
    }
    guard let expected else { return text }
    report(node, path, SettingValue.Failure(expected: expected).message(found: text))
    return nil
  }

  // MARK: The whole

  private mutating func check(_ rule: MappingRule, _ own: [String: Node]) {
    let fields = own["fields"]
    let isCount = rule.fields[.eventType]?.allSatisfy { $0.origin == .constant("product_count") } ?? false
    var required: [MappingField] = [.cameraID, .workstationID, .eventType, .timestamp]
    if !isCount { required += [.workerID, .confidence] }
    for field in required where rule.fields[field] == nil {
      report(fields, "fields.\(field.rawValue)", "is missing")
    }
    if rule.payload == .text, rule.each != nil {
      report(own["each"] ?? own["payload"], "each", "bare text has no elements")
    }
    guard rule.countMode == .total else { return }
    if rule.fields[.count] == nil { report(fields, "fields.count", "is missing: the counter's reading") }
    if rule.usesReceipt {
      report(
        fields, "count_mode",
        "total needs the camera's own time: with receipt a message that comes again could not be told from a "
          + "counter that began again")
    }
  }
}
