import AndonCore
import Foundation
import Yams

/// From YAML nodes to settings, noting mistakes on the way.
struct SettingsReader {
  private(set) var errors: [SettingsError] = []
  private let file: String
  private let environment: [String: String]

  init(file: String, environment: [String: String]) {
    self.file = file
    self.environment = environment
  }

  mutating func note(_ node: Node?, _ path: String, _ message: String) {
    errors.append(SettingsError(file: file, line: node?.mark?.line, path: path, message: message))
  }

  /// Nil when a mistake was noted that leaves nothing to build from.
  mutating func read(_ root: Node) -> Settings? {
    var values = SettingValues()
    let sections = Set(SettingKey.all.compactMap { $0.path.split(separator: ".").first.map(String.init) })
    for (key, node) in pairs(root, "") {
      if key == "sites" { continue }
      guard sections.contains(key) else {
        note(node, key, "unknown key" + Suggestion.text(for: key, among: Array(sections) + ["sites"]))
        continue
      }
      readSection(node, path: key, prefix: "", into: &values)
    }
    overlayEnvironment(&values)
    let broker = readBroker(values)
    let http = readHTTP(values)
    let sites = readSites(root["sites"], defaults: values)
    guard let broker, let http, errors.isEmpty else { return nil }
    return Settings(
      bridge: BridgeSettings(id: values.text("bridge.id"), dataDirectory: values.text("bridge.data_dir")),
      broker: broker,
      topics: TopicSettings(root: values.text("topics.root"), scalarTags: values.flag("topics.scalar_tags")),
      http: http, sites: sites)
  }

  /// The members of a mapping; a mistake for anything else, and for a key that stands twice.
  mutating func pairs(_ node: Node, _ path: String) -> [(key: String, node: Node)] {
    guard let mapping = node.mapping else {
      if node.scalar?.string.isEmpty != true { note(node, path, "must be a section of keys") }
      return []
    }
    return mapping.map { ($0.key.string ?? "", $0.value) }
  }

  /// Reads `path` and below; `prefix` is put before paths in messages only.
  mutating func readSection(_ node: Node, path: String, prefix: String, into values: inout SettingValues) {
    for (key, child) in pairs(node, prefix + path) {
      let childPath = "\(path).\(key)"
      if let definition = SettingKey.named(childPath) {
        readValue(child, definition, prefix: prefix, into: &values)
      } else if SettingKey.all.contains(where: { $0.path.hasPrefix(childPath + ".") }) {
        readSection(child, path: childPath, prefix: prefix, into: &values)
      } else {
        let known = SettingKey.all.filter { $0.path.hasPrefix(path + ".") }
          .map { String($0.path.dropFirst(path.count + 1)) }
        note(child, prefix + childPath, "unknown key" + Suggestion.text(for: key, among: known))
      }
    }
  }

  private mutating func readValue(
    _ node: Node, _ definition: SettingKey, prefix: String, into values: inout SettingValues
  ) {
    let text: String
    if case .words = definition.kind, let sequence = node.sequence {
      text = sequence.map { $0.string ?? "?" }.joined(separator: ",")
    } else if let scalar = node.scalar {
      text = scalar.string
    } else {
      note(node, prefix + definition.path, "must be one value")
      return
    }
    set(text, definition, node, prefix: prefix, into: &values)
  }

  private mutating func set(
    _ text: String, _ definition: SettingKey, _ node: Node?, prefix: String, into values: inout SettingValues
  ) {
    do {
      values[definition.path] = try SettingValue(text, kind: definition.kind)
    } catch {
      note(node, prefix + definition.path, "\(error.expected), not \"\(text.prefix(60))\"")
    }
  }

  private mutating func overlayEnvironment(_ values: inout SettingValues) {
    for definition in SettingKey.all {
      guard let text = environment[definition.variable] else { continue }
      do {
        values[definition.path] = try SettingValue(text, kind: definition.kind)
      } catch {
        errors.append(
          SettingsError(
            file: "environment", line: nil, path: definition.variable,
            message: "\(error.expected), not \"\(text.prefix(60))\""))
      }
    }
  }

  private mutating func readBroker(_ values: SettingValues) -> BrokerSettings? {
    let path = "broker.url"
    guard let url = URLComponents(string: values.text(path)), let scheme = url.scheme,
      scheme == "mqtt" || scheme == "mqtts", let host = url.host, !host.isEmpty,
      url.path.isEmpty || url.path == "/"
    else {
      note(nil, path, "must be mqtt://host:port or mqtts://host:port")
      return nil
    }
    guard url.user == nil, url.password == nil else {
      note(nil, path, "must not hold a user or password: use broker.username and broker.password_file")
      return nil
    }
    var tls: BrokerSettings.TLS?
    let files = ["ca_file", "cert_file", "key_file"].map { values.optionalText("broker.tls.\($0)") }
    if scheme == "mqtts" { tls = .init(caFile: files[0], certFile: files[1], keyFile: files[2]) }
    if scheme == "mqtt", files.contains(where: { $0 != nil }) {
      note(nil, "broker.tls", "needs broker.url to begin with mqtts://")
    }
    if (files[1] == nil) != (files[2] == nil) {
      note(nil, "broker.tls", "cert_file and key_file belong together")
    }
    let bareHost = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    return BrokerSettings(
      host: bareHost, port: url.port ?? (tls == nil ? 1883 : 8883),
      username: values.optionalText("broker.username"),
      passwordFile: values.optionalText("broker.password_file"), tls: tls,
      sessionExpirySeconds: UInt32(values.number("broker.session_expiry") / 1000),
      keepAliveSeconds: Int(values.number("broker.keep_alive") / 1000))
  }

  private mutating func readHTTP(_ values: SettingValues) -> HTTPSettings? {
    let text = values.text("http.listen")
    let tokenFile = values.optionalText("http.token_file")
    // YAML reads a bare off as a word of its own; here it is taken as it is written.
    if text == "off" || text == "false" {
      return HTTPSettings(host: "127.0.0.1", port: 0, isEnabled: false, tokenFile: tokenFile)
    }
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port), colon != text.startIndex
    else {
      note(nil, "http.listen", "must be host:port, e.g. 127.0.0.1:8080, or off; not \"\(text)\"")
      return nil
    }
    let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    if !HTTPSettings.isLoopback(host), tokenFile == nil {
      note(nil, "http.listen", "\(host) can be reached from other machines: set http.token_file, too")
    }
    return HTTPSettings(host: host, port: port, isEnabled: true, tokenFile: tokenFile)
  }
}
