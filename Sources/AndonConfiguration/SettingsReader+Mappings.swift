import AndonCore
import Yams

/// Reads `mappings:`, for all sites and for one.
extension SettingsReader {
  /// The most mappings of one site: each message is tried with all mappings of its topic.
  private static let mappingLimit = 200

  /// One item of a list, with its path.
  struct MappingNode {
    var node: Node
    var path: String
  }

  mutating func mappingNodes(_ node: Node?, path: String) -> [MappingNode] {
    guard let node, !Self.isNothing(node) else { return [] }
    guard let sequence = node.sequence else {
      report(node, path, "must be a list of mappings, each after a dash")
      return []
    }
    return sequence.enumerated().map { MappingNode(node: $1, path: "\(path)[\($0)]") }
  }

  /// The mappings of each site, by its id.
  mutating func siteMappings(_ sites: Node?) -> [String: [MappingNode]] {
    var own: [String: [MappingNode]] = [:]
    for (index, site) in (sites?.sequence.map(Array.init) ?? []).enumerated() {
      guard let id = site.mapping?["id"]?.scalar?.string, let node = site.mapping?["mappings"] else {
        continue
      }
      own[id] = mappingNodes(node, path: "sites[\(index)].mappings")
    }
    return own
  }

  /// Gives every site its mappings, and checks their topic filters against each other.
  mutating func addMappings(
    _ common: [MappingNode], own: [String: [MappingNode]], root: String, to sites: inout [SiteSettings]
  ) {
    var common = common
    common.removeAll { isUnplaced($0, among: sites.map(\.id)) }
    for index in sites.indices {
      let site = sites[index].id
      var rules: [MappingRule] = []
      for item in common where concerns(item, site: site) {
        add(item, site: site, root: root, isOwn: false, to: &rules)
      }
      for item in own[site] ?? [] { add(item, site: site, root: root, isOwn: true, to: &rules) }
      sites[index].mappings = rules
    }
  }

  private func text(_ node: Node?) -> String? { node?.scalar?.string }

  private func topicText(_ item: MappingNode) -> String {
    text(item.node.mapping?["topic"])
      ?? text(profile(item.node.mapping?["profile"])?.mapping?["topic"]) ?? ""
  }

  private func concerns(_ item: MappingNode, site: String) -> Bool {
    text(item.node.mapping?["site"]).map { $0 == site } ?? true
  }

  /// Whether no site can be determined for the mapping; the mistake is recorded.
  private mutating func isUnplaced(_ item: MappingNode, among sites: [String]) -> Bool {
    guard let mapping = item.node.mapping else {
      report(item.node, item.path, "must be a section of keys")
      return true
    }
    if let node = mapping["site"] {
      guard let site = readID(node, in: item.node, "\(item.path).site") else { return true }
      guard !sites.contains(site) else { return false }
      report(
        node, "\(item.path).site",
        "there is no site \"\(site)\"" + Suggestion.text(for: site, among: sites))
      return true
    }
    if topicText(item).utf8.split(separator: UInt8(ascii: "/")).contains(where: {
      $0.elementsEqual("{site}".utf8)
    }) {
      return false
    }
    report(item.node, "\(item.path).site", "must name the site, or the topic must have a level {site}")
    return true
  }

  private mutating func add(
    _ item: MappingNode, site: String, root: String, isOwn: Bool, to rules: inout [MappingRule]
  ) {
    guard let rule = readMapping(item, site: site, isOwn: isOwn) else { return }
    let topicNode = item.node.mapping?["topic"] ?? item.node
    if rules.count >= Self.mappingLimit {
      recordOnce(item.node, item.path, "a site has at most \(Self.mappingLimit) mappings")
      return
    }
    if rules.contains(where: { $0.name == rule.name }) {
      recordOnce(
        item.node.mapping?["name"] ?? item.node, "\(item.path).name",
        "\"\(rule.name)\" is there already: give this one another name")
    }
    if TopicPattern.overlap(rule.filter, "\(root)/#") {
      recordOnce(
        topicNode, "\(item.path).topic",
        "must lie outside topics.root (\(root)): that is where Andon's own topics are")
    }
    if let other = rules.first(where: {
      $0.filter != rule.filter && TopicPattern.overlap($0.filter, rule.filter)
    }) {
      recordOnce(
        topicNode, "\(item.path).topic",
        "\(rule.filter) overlaps \(other.filter) of \"\(other.name)\": messages of both would come twice; give both "
          + "the same topic and tell them apart by when")
    }
    rules.append(rule)
  }

  /// Records a mistake once: a mapping for all sites is read once for each site.
  private mutating func recordOnce(_ node: Node?, _ path: String, _ message: String) {
    let line = node?.mark?.line
    guard !errors.contains(where: { $0.path == path && $0.message == message && $0.line == line }) else {
      return
    }
    report(node, path, message)
  }

  // MARK: One mapping

  private func profile(_ node: Node?) -> Node? {
    text(node).flatMap(MappingProfile.yaml).flatMap { try? compose(yaml: $0) }
  }

  private mutating func readMapping(_ item: MappingNode, site: String, isOwn: Bool) -> MappingRule? {
    let errorsBefore = errors.count
    var known = MappingKey.names(below: "")
    if isOwn { known.removeAll { $0 == "site" } }
    let own = onceParts(of: item.node, item.path, among: known)
    var base: [String: Node] = [:]
    if let node = own["profile"] {
      guard let profile = profile(node) else {
        let name = text(node) ?? ""
        recordOnce(
          node, "\(item.path).profile",
          "there is no profile \"\(SettingValue.Failure.excerpt(name))\""
            + Suggestion.text(for: name, among: MappingProfile.names))
        return nil
      }
      for (key, value) in profile.mapping ?? [:] { if let name = key.string { base[name] = value } }
    }
    var reader = MappingReader(site: site, item: item)
    let name = own["name"] ?? own["profile"]
    guard let rule = reader.rule(own: own, base: base, name: name) else {
      merge(reader)
      return nil
    }
    merge(reader)
    return errors.count == errorsBefore ? rule : nil
  }

  private mutating func merge(_ reader: MappingReader) {
    for mistake in reader.mistakes { recordOnce(mistake.node, mistake.path, mistake.message) }
  }

  /// Like `parts`, without repeating a mistake for the next site.
  private mutating func onceParts(of node: Node, _ path: String, among known: [String]) -> [String: Node] {
    var scratch = self
    let count = scratch.errors.count
    let parts = scratch.parts(of: node, path, among: known)
    for error in scratch.errors.dropFirst(count) where !errors.contains(error) { report(error) }
    return parts
  }
}
