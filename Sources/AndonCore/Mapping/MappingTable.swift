/// The mappings of one site, found by topic.
package struct MappingTable: Sendable {
  package let rules: [MappingRule]

  /// The mappings whose topic filter matches, with the captured levels, in the order in which they are tried.
  package struct Route: Sendable {
    package var candidates: [(rule: Int, captures: [String])]
  }

  package init(_ rules: [MappingRule] = []) { self.rules = rules }

  package var isEmpty: Bool { rules.isEmpty }

  /// The topic filters to subscribe to, each once, in the order of the rules.
  package var filters: [String] {
    rules.reduce(into: []) { filters, rule in
      if !filters.contains(rule.filter) { filters.append(rule.filter) }
    }
  }

  /// Nil when no mapping matches the topic. O(rules × length).
  package func route(_ topic: String) -> Route? {
    var candidates: [(rule: Int, captures: [String])] = []
    for (index, rule) in rules.enumerated() {
      if let captures = rule.topic.match(topic) { candidates.append((index, captures)) }
    }
    return candidates.isEmpty ? nil : Route(candidates: candidates)
  }
}
