/// How the messages of one topic filter become events.
package struct MappingRule: Sendable, Hashable {
  package enum Payload: String, Sendable, CaseIterable {
    case json
    /// The whole payload is one bare word or number.
    case text
  }

  package enum CountMode: String, Sendable, CaseIterable {
    /// `count` is what was made since the last event.
    case delta
    /// `count` is a counter that only grows, until it begins again at 0.
    case total
  }

  /// Unique in a site; the stored counter readings are kept under this name.
  package var name: String
  package var topic: TopicPattern
  package var payload: Payload = .json
  /// The path of the array whose elements are events; nil: the payload is one event.
  package var each: JSONPointer?
  package var conditions: [MappingCondition] = []
  /// The first source that has a value is taken.
  package var fields: [MappingField: [MappingSource]] = [:]
  package var countMode: CountMode = .delta

  package init(name: String, topic: TopicPattern) {
    self.name = name
    self.topic = topic
  }

  /// The topic filter to subscribe to.
  package var filter: String { topic.filter }

  /// Whether an event may carry its time of receipt.
  package var usesReceipt: Bool { fields[.timestamp]?.contains { $0.unit == .receipt } ?? false }
}
