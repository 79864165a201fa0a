/// What must hold for a mapping to apply to a message (or to one element of it).
package struct MappingCondition: Sendable, Hashable {
  package var source: MappingSource
  /// The allowed values as written in the payload; empty allows any value except `null`.
  package var values: [String]

  package init(_ source: MappingSource, values: [String]) {
    self.source = source
    self.values = values
  }

  /// Whether the condition is about the message as a whole.
  var isOfMessage: Bool { if case .pointer = source.origin { false } else { true } }

  package var description: String {
    values.isEmpty
      ? "\(source.description) is there" : "\(source.description) is \(values.joined(separator: " or "))"
  }

  func holds(for value: MappedScalar?) -> Bool {
    guard let value else { return false }
    return values.isEmpty || value.text.map(values.contains) ?? false
  }
}
