import AndonCore

/// A mapping to try payloads on.
struct MapperBench {
  static let nowMs: Int64 = 1_768_472_100_000  // 2026-01-15T10:15:00Z
  var rules: [MappingRule]

  /// A flat JSON event, for tests to change.
  init(topic: String = "cams/{camera}/events") throws {
    var rule = MappingRule(name: "m", topic: try TopicPattern(topic))
    rule.fields = [
      .cameraID: [Self.source("{camera}", ["camera"])], .workerID: [Self.source("/w")],
      .workstationID: [Self.source("/s")], .eventType: [Self.source("/e")], .confidence: [Self.source("/c")],
      .timestamp: [Self.source("/t", unit: .milliseconds)],
    ]
    rules = [rule]
  }

  static func source(
    _ text: String, _ captures: [String] = [], map: [String: String]? = nil,
    as coercion: MappingSource.Coercion? = nil, unit: TimeUnit? = nil
  ) -> MappingSource {
    MappingSource(
      MappingSource.origin(text, captures: captures) ?? .constant(text), map: map, coercion: coercion,
      unit: unit)
  }

  func items(_ payload: [UInt8], topic: String = "cams/cam-01/events", nowMs: Int64 = nowMs) -> [MappedItem] {
    let table = MappingTable(rules)
    guard let route = table.route(topic) else { return [] }
    var items: [MappedItem] = []
    PayloadMapper().decode(
      payload.span, route: route, table: table,
      context: DecodeContext(
        siteID: "plant-a", cameraID: "", nowMs: nowMs, maxAgeMs: 604_800_000, maxFutureMs: 60_000),
      into: &items)
    return items
  }

  func items(_ payload: String, topic: String = "cams/cam-01/events") -> [MappedItem] {
    items(Array(payload.utf8), topic: topic)
  }

  /// The flat event, with members replaced or added.
  static func payload(_ changes: [String: String?] = [:]) -> String {
    var members: [String: String?] = [
      "w": #""W1""#, "s": #""S1""#, "e": #""working""#, "c": "0.9", "t": "\(nowMs)",
    ]
    members.merge(changes) { $1 }
    return "{"
      + members.sorted { $0.key < $1.key }.compactMap { key, value in value.map { "\"\(key)\":\($0)" } }
      .joined(separator: ",") + "}"
  }

  func event(_ payload: String, topic: String = "cams/cam-01/events") -> Event? {
    let items = items(payload, topic: topic)
    guard items.count == 1 else { return nil }
    switch items[0].outcome {
    case .event(let event), .total(let event, _): return event
    case .rejected, .ignored: return nil
    }
  }

  /// `code field: detail`, or the outcome that it has instead.
  func refusal(_ payload: String, topic: String = "cams/cam-01/events") -> String {
    let items = items(payload, topic: topic)
    guard items.count == 1, case .rejected(let rejection, _) = items[0].outcome else { return "\(items)" }
    return "\(rejection.code.rawValue) \(rejection.field ?? "-"): \(rejection.detail)"
  }
}
