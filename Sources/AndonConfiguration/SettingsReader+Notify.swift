import AndonCore
import Yams

/// Reads `notify:`.
extension SettingsReader {
  /// The most routes of a bridge: a site has one request at a time for each.
  private static let routeLimit = 32
  private static let recipientLimit = 50

  /// Reads the keys of the table and returns the list of routes, which is read once the sites are known.
  mutating func readNotify(_ node: Node, into values: inout SettingValues) -> Node? {
    var routes: Node?
    for member in members(of: node, "notify") {
      if member.name == "routes" {
        routes = member.value
      } else if member.name == "heartbeat" {
        readSection(member.value, path: "notify.heartbeat", prefix: "", into: &values)
      } else {
        recordUnknown(member, "notify", among: ["routes", "heartbeat"])
      }
    }
    return routes
  }

  /// Nil where none is configured, or a mistake was recorded.
  mutating func readHeartbeat(_ values: SettingValues) -> NotifyHeartbeatSettings? {
    let path = "notify.heartbeat.url"
    let (text, file) = (values.optionalText(path), values.optionalText("notify.heartbeat.url_file"))
    let everyMs = values.number("notify.heartbeat.every")
    let caFile = values.optionalText("notify.heartbeat.ca_file")
    guard text != nil || file != nil else {
      if let origin = values.origin("notify.heartbeat.every") ?? values.origin("notify.heartbeat.ca_file") {
        report(origin, "notify.heartbeat", "needs url or url_file")
      }
      return nil
    }
    if text != nil, file != nil { report(values.origin(path), path, "only one of url and url_file") }
    if let text, let problem = NotifyURL.problem(text, schemes: ["https", "http"]) {
      report(values.origin(path), path, problem)
    }
    return NotifyHeartbeatSettings(url: NotifyURL(text: text, file: file), everyMs: everyMs, caFile: caFile)
  }

  /// Gives each site its routes, in their order.
  mutating func addRoutes(_ node: Node?, to sites: inout [SiteSettings]) {
    var routes: [NotifyRouteSettings] = []
    let nodes = list(node, "notify.routes", of: "routes, each after a dash")
    if nodes.count > Self.routeLimit {
      report(node, "notify.routes", "must be at most \(Self.routeLimit) routes")
    }
    for (index, child) in nodes.prefix(Self.routeLimit).enumerated() {
      let path = "notify.routes[\(index)]"
      guard let route = readRoute(child, path, sites) else { continue }
      recordTwin(of: route.route.id, in: routes.map(\.route.id), child.mapping?["id"], "\(path).id")
      routes.append(route)
    }
    for index in sites.indices {
      let site = sites[index].id
      sites[index].notify = routes.filter {
        $0.route.match.sites.isEmpty || $0.route.match.sites.contains(site)
      }
    }
  }

  private mutating func readRoute(
    _ node: Node, _ path: String, _ sites: [SiteSettings]
  ) -> NotifyRouteSettings? {
    let parts = parts(of: node, path, among: NotifyKey.all.names(below: ""))
    guard node.mapping != nil else { return nil }
    let id = readID(parts["id"], in: node, "\(path).id")
    let match = parts["match"].map { readMatch($0, "\(path).match", sites) } ?? NotifyMatch()
    let word = parts["kind"]?.scalar?.string ?? ""
    guard let kind = NotifyRouteSettings.Kind(rawValue: word) else {
      let failure = SettingValue.Failure(expected: "must be webhook, smtp or alertmanager")
      let message = parts["kind"] == nil ? "\(failure.expected); it is missing" : failure.message(found: word)
      report(parts["kind"] ?? node, "\(path).kind", message)
      return nil
    }
    let url = readURL(parts, in: node, path, schemes: kind.schemes)
    let escalateMs = parts["escalate_after"].flatMap {
      readDuration($0, "\(path).escalate_after", 60_000...86_400_000)
    }
    let sends = parts["send_resolved"].flatMap { readFlag($0, "\(path).send_resolved") }
    var route = NotifyRouteSettings(
      route: NotifyRoute(
        id: id ?? "", match: match, escalateAfterMs: escalateMs, sendsResolved: sends ?? (kind != .smtp)),
      kind: kind, url: url)
    route.route.hearsEnd = kind == .alertmanager
    route.timeoutMs =
      parts["timeout"].flatMap { readDuration($0, "\(path).timeout", 1000...60_000) } ?? route.timeoutMs
    readAccess(parts, in: node, path, into: &route)
    return id == nil ? nil : route
  }

  /// Secrets and, for mails, addresses; keys that the kind does not have are mistakes.
  private mutating func readAccess(
    _ parts: [String: Node], in node: Node, _ path: String, into route: inout NotifyRouteSettings
  ) {
    func file(_ name: String, _ reader: inout SettingsReader) -> String? {
      guard let child = parts[name] else { return nil }
      guard route.kind.keys.contains(name) else {
        reader.report(child, "\(path).\(name)", "a route of kind \(route.kind.rawValue) has no such key")
        return nil
      }
      return reader.readText(child, "\(path).\(name)")
    }
    route.caFile = file("ca_file", &self)
    route.secretFile = file("secret_file", &self)
    route.tokenFile = file("token_file", &self)
    route.username = file("username", &self)
    route.passwordFile = file("password_file", &self)
    route.from = file("from", &self) ?? ""
    if (route.username == nil) != (route.passwordFile == nil) {
      report(node, path, "username and password_file belong together")
    }
    let items = list(parts["to"], "\(path).to", of: "mail addresses")
    guard route.kind == .smtp else {
      if parts["to"] != nil {
        report(parts["to"], "\(path).to", "a route of kind \(route.kind.rawValue) has no such key")
      }
      return
    }
    route.to = items.compactMap { $0.scalar?.string }
    for (name, addresses) in [("from", [route.from]), ("to", route.to)] {
      guard !addresses.isEmpty, addresses.allSatisfy(Self.isMailAddress) else {
        report(parts[name] ?? node, "\(path).\(name)", "must be a mail address such as andon@plant.example")
        continue
      }
    }
    if route.to.count > Self.recipientLimit {
      report(parts["to"], "\(path).to", "must be at most \(Self.recipientLimit) addresses")
    }
  }

  /// Only what no server could take for something else: no names, quotes, comments or line ends.
  private static func isMailAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let isPlain = text.utf8.allSatisfy {
      0x21...0x7E ~= $0 && !"<>()[],;:\\\"".utf8.contains($0)
    }
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && isPlain && text.utf8.count <= 254
  }

  private mutating func readURL(
    _ parts: [String: Node], in node: Node, _ path: String, schemes: [String]
  ) -> NotifyURL {
    let text = parts["url"].flatMap { readText($0, "\(path).url") }
    let file = parts["url_file"].flatMap { readText($0, "\(path).url_file") }
    if parts["url"] != nil, parts["url_file"] != nil {
      report(parts["url_file"], "\(path).url_file", "only one of url and url_file")
    } else if parts["url"] == nil, parts["url_file"] == nil {
      report(node, "\(path).url", "is missing: url or url_file")
    }
    if let text, let problem = NotifyURL.problem(text, schemes: schemes) {
      report(parts["url"], "\(path).url", problem)
    }
    return NotifyURL(text: text, file: file)
  }

  private mutating func readDuration(_ node: Node, _ path: String, _ range: ClosedRange<Int64>) -> Int64? {
    guard case .number(let value) = readValue(node, path, .duration(range)) else { return nil }
    return value
  }

  private mutating func readFlag(_ node: Node, _ path: String) -> Bool? {
    guard case .flag(let value) = readValue(node, path, .flag) else { return nil }
    return value
  }

  private mutating func readValue(_ node: Node, _ path: String, _ kind: SettingKey.Kind) -> SettingValue? {
    let text = node.scalar?.string ?? ""
    do {
      return try SettingValue(text, kind: kind)
    } catch {
      report(node, path, error.message(found: text))
      return nil
    }
  }

  // MARK: Matches

  private mutating func readMatch(_ node: Node, _ path: String, _ sites: [SiteSettings]) -> NotifyMatch {
    let parts = parts(of: node, path, among: NotifyKey.all.names(below: "match"))
    var match = NotifyMatch()
    match.classes = readWords(parts["class"], "\(path).class", AlarmRule.allCases.map(\.alertClass))
    match.priorities = readWords(parts["priority"], "\(path).priority", ["medium", "high", "urgent"])
    match.sites = readWords(parts["site"], "\(path).site", sites.map(\.id))
    match.lines = readWords(parts["line"], "\(path).line", sites.flatMap { $0.layout.lines.map(\.id) })
    for (index, child) in list(parts["time"], "\(path).time", of: "spans of the week").enumerated() {
      let path = "\(path).time[\(index)]"
      let parts = self.parts(of: child, path, among: NotifyKey.all.names(below: "match.time[]"))
      guard child.mapping != nil else { continue }
      let start = readTime(parts["start"], in: child, "\(path).start")
      let end = readTime(parts["end"], in: child, "\(path).end")
      let days = readDays(parts["days"], path: "\(path).days")
      guard let start, let end else { continue }
      match.times.append(NotifyTime(days: days, startMinute: start, endMinute: end))
    }
    return match
  }

  /// One word or a list of words.
  private mutating func readWords(_ node: Node?, _ path: String, _ known: [String]) -> Set<String> {
    guard let node else { return [] }
    let items = node.scalar != nil && !Self.isNothing(node) ? [node] : list(node, path, of: "words")
    if items.isEmpty { report(node, path, "must name at least one; leave the key out for all") }
    var words: Set<String> = []
    for item in items {
      let word = item.scalar?.string ?? ""
      guard known.contains(word) else {
        let expected =
          known.isEmpty
          ? "must be a line of a site; no site has any" : "must be some of \(known.joined(separator: ", "))"
        let hint = Suggestion.text(for: word, among: known)
        report(item, path, SettingValue.Failure(expected: expected).message(found: word) + hint)
        continue
      }
      words.insert(word)
    }
    return words
  }
}

extension NotifyRouteSettings.Kind {
  package var schemes: [String] { self == .smtp ? ["smtps", "smtp"] : ["https", "http"] }

  /// The keys of access that the kind has.
  fileprivate var keys: Set<String> {
    switch self {
    case .webhook: ["ca_file", "secret_file", "token_file", "username", "password_file"]
    case .alertmanager: ["ca_file", "token_file", "username", "password_file"]
    case .smtp: ["ca_file", "username", "password_file", "from"]
    }
  }
}
