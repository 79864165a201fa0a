/// What panels need of everything published; each rule is named after the panel that breaks without it.
///
/// Parses JSON itself, because a decoder hides what matters here: whether a number has a decimal point.
public struct PanelRules {
  public private(set) var violations: [String] = []
  /// The JSON type of each key, by kind of topic.
  private var types: [String: [String: String]] = [:]
  private var topics: Set<String> = []

  public init() {}

  /// Kinds of topics whose payload has scalars at the top level only.
  private static let flat: Set<String> = ["kpi", "kpi_final", "alert", "alert_event", "stop", "stop_event"]
  /// Suffixes of the names of fractional figures: these always have a decimal point.
  private static let fractional = ["_s", "_pct", "_per_hour", "_mean"]

  /// Checks one publication under a root of two levels; `kind` is the level below the site.
  public mutating func take(topic: String, payload: [UInt8]) {
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard levels.count >= 4 else { return add(topic, "fewer than four levels") }
    if topics.insert(topic).inserted { names(topic, levels) }
    let kind = levels[2] == "_bridge" ? "_bridge/\(levels[levels.count - 1])" : levels[3]
    if kind == "tag" { return scalar(topic, levels, payload) }
    if kind == "_bridge/availability" { return }
    guard let text = String(validating: payload, as: UTF8.self) else { return add(topic, "not UTF-8") }
    guard let members = Self.members(text) else { return add(topic, "not a JSON object: \(text.prefix(80))") }
    for (key, literal) in members { check(topic, kind, key, literal) }
  }

  /// Ignition: no topic is both a leaf and a parent. Call it at the end.
  public mutating func finish() {
    for topic in topics.sorted() {
      var levels = topic.split(separator: "/")
      while levels.popLast() != nil, !levels.isEmpty {
        let parent = levels.joined(separator: "/")
        if topics.contains(parent) { add(topic, "its parent \(parent) is a leaf, too") }
      }
    }
  }

  private mutating func add(_ topic: String, _ words: String) {
    if violations.count < 100 { violations.append("\(topic): \(words)") }
  }

  /// Ignition's tag names and OPC UA browse paths.
  private mutating func names(_ topic: String, _ levels: [String]) {
    for level in levels where level.isEmpty || level.contains(where: { ".&%= +#$\"\\".contains($0) }) {
      add(topic, "level \"\(level)\" cannot be a tag's name")
    }
  }

  /// Scalars that are words: they are published bare, as panels show them.
  private static let words: Set<String> = ["state", "workstation_id"]

  private mutating func scalar(_ topic: String, _ levels: [String], _ payload: [UInt8]) {
    var literal = String(decoding: payload, as: UTF8.self)
    if Self.words.contains(levels[levels.count - 1]) {
      if literal.isEmpty || literal.contains("\"") { add(topic, "\(literal) is no bare word") }
      literal = "\"\(literal)\""
    }
    check(topic, "tag", levels[levels.count - 1], literal)
  }

  private mutating func check(_ topic: String, _ kind: String, _ key: String, _ literal: String) {
    guard let type = Self.type(of: literal) else { return add(topic, "\(key) is \(literal.prefix(40))") }
    if Self.flat.contains(kind), type == "object" || type == "array" {
      add(topic, "FUXA: \(key) is an \(type)")
    }
    if let known = types[kind]?[key], known != type {
      add(topic, "Grafana: \(key) was \(known) and is \(type), \(literal)")
    }
    types[kind, default: [:]][key] = type
    // Figures only: the heartbeat counts whole seconds, and its keys keep that type too.
    if type == "integer", Self.flat.contains(kind) || kind == "tag",
      Self.fractional.contains(where: key.hasSuffix)
    {
      add(topic, "Ignition: \(key) has no point: \(literal)")
    }
    if type == "integer", !key.hasSuffix("_ms"), !(Int64(literal).map { abs($0) < 1 << 31 } ?? false) {
      add(topic, "WinCC OA: \(key) needs more than 31 bits: \(literal)")
    }
  }

  /// nil for null and for text that is no JSON value.
  private static func type(of literal: String) -> String? {
    switch literal.first {
    case "\"": return literal.count > 1 && literal.hasSuffix("\"") ? "string" : nil
    case "{": return "object"
    case "[": return "array"
    case "t", "f": return literal == "true" || literal == "false" ? "boolean" : nil
    default:
      if Int64(literal) != nil { return "integer" }
      return Double(literal) != nil && literal.allSatisfy({ "-0123456789.".contains($0) }) ? "fraction" : nil
    }
  }

  /// The members of an object with unparsed values; nil for anything else.
  private static func members(_ text: String) -> [(String, String)]? {
    var members: [(String, String)] = []
    var key: String?
    var part = ""
    var depth = 0
    var isInString = false
    var isEscaped = false
    guard text.first == "{", text.last == "}" else { return nil }
    func trimmed(_ text: String) -> String { String(text.drop { $0 == " " }) }
    for character in text.dropFirst().dropLast() {
      if isInString {
        part.append(character)
        if isEscaped {
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          isInString = false
        }
        continue
      }
      switch character {
      case ":" where depth == 0:
        guard key == nil, part.count >= 2 else { return nil }
        key = String(trimmed(part).dropFirst().dropLast())
        part = ""
      case "," where depth == 0:
        guard let name = key else { return nil }
        members.append((name, trimmed(part)))
        key = nil
        part = ""
      default:
        if character == "\"" { isInString = true }
        if character == "{" || character == "[" { depth += 1 }
        if character == "}" || character == "]" { depth -= 1 }
        part.append(character)
      }
    }
    if let name = key { members.append((name, trimmed(part))) } else if !part.isEmpty { return nil }
    return members
  }
}
