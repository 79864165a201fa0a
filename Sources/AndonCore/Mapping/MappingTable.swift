/// The mappings of one site, found by topic.
package struct MappingTable: Sendable {
  package let rules: [MappingRule]

  /// Mappings that may mean a topic, with what its levels hold: in the order in which they are asked.
  package struct Route: Sendable {
    package var candidates: [(rule: Int, captures: [String])]
  }

  package init(_ rules: [MappingRule] = []) { self.rules = rules }

  package var isEmpty: Bool { rules.isEmpty }

  /// What to subscribe to, each once, in the order of the rules.
  package var filters: [String] {
    rules.reduce(into: []) { filters, rule in
      if !filters.contains(rule.filter) { filters.append(rule.filter) }
    }
  }

  /// Nil when no mapping has that topic. O(rules × length).
  package func route(_ topic: String) -> Route? {
    var candidates: [(rule: Int, captures: [String])] = []
    for (index, rule) in rules.enumerated() {
      if let captures = rule.topic.match(topic) { candidates.append((index, captures)) }
    }
    return candidates.isEmpty ? nil : Route(candidates: candidates)
  }
}
