/// How the messages of one topic filter become events.
package struct MappingRule: Sendable, Hashable {
  package enum Payload: String, Sendable, CaseIterable {
    case json
    /// The whole payload is one bare word or number.
    case text
  }

  package enum CountMode: String, Sendable, CaseIterable {
    /// `count` is what was made since the event before.
    case delta
    /// `count` is a counter that only grows, until it begins again at 0.
    case total
  }

  /// Tells mappings of a site apart; the memory of counters hangs on it.
  package var name: String
  package var topic: TopicPattern
  package var payload: Payload = .json
  /// Where the array lies whose elements are events; nil: the payload is one event.
  package var each: JSONPointer?
  package var conditions: [MappingCondition] = []
  /// The first source that has a value is taken.
  package var fields: [MappingField: [MappingSource]] = [:]
  package var countMode: CountMode = .delta

  package init(name: String, topic: TopicPattern) {
    self.name = name
    self.topic = topic
  }

  /// What to subscribe to.
  package var filter: String { topic.filter }

  /// Whether some event may carry the time of its receipt.
  package var usesReceipt: Bool { fields[.timestamp]?.contains { $0.unit == .receipt } ?? false }
}
