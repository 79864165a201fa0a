import AndonCore
import Yams

/// Reads settings from YAML nodes and records the mistakes.
struct SettingsReader {
  /// One `key: value` of a mapping.
  struct Member {
    var name: String
    var key: Node
    var value: Node
  }

  private(set) var errors: [SettingsError] = []
  /// `stops.reasons` for the sites that have none of their own.
  private(set) var defaultReasons: [StopReason] = []
  private let file: String
  private let environment: [String: String]

  init(file: String, environment: [String: String]) {
    self.file = file
    self.environment = environment
  }

  mutating func report(_ node: Node?, _ path: String, _ message: String) {
    errors.append(SettingsError(file: file, line: node?.mark?.line, path: path, message: message))
  }

  mutating func report(_ error: SettingsError) { errors.append(error) }

  /// Records a mistake of a value with its line or its variable.
  mutating func report(_ origin: SettingOrigin?, _ path: String, _ message: String) {
    switch origin {
    case .variable(let name):
      errors.append(SettingsError(file: "environment", line: nil, path: name, message: message))
    case .line(let line):
      errors.append(SettingsError(file: file, line: line, path: path, message: message))
    case nil: errors.append(SettingsError(file: file, line: nil, path: path, message: message))
    }
  }

  /// Nil when there are mistakes.
  mutating func read(_ root: Node) -> Settings? {
    var values = SettingValues()
    var sitesNode: Node?
    var mappingsNode: Node?
    var routesNode: Node?
    for member in members(of: root, "") {
      if member.name == "sites" {
        sitesNode = member.value
      } else if member.name == "mappings" {
        mappingsNode = member.value
      } else if member.name == "notify" {
        routesNode = readNotify(member.value, into: &values)
      } else if SettingKey.sections.contains(member.name) {
        readSection(member.value, path: member.name, prefix: "", into: &values)
        if member.name == "stops" {
          defaultReasons = readReasons(in: member.value, path: "stops.reasons") ?? []
        }
      } else {
        recordUnknown(member, "", among: SettingKey.sections + ["mappings", "sites"])
      }
    }
    overlayEnvironment(&values, SettingKey.all)
    let broker = readBroker(values)
    let http = readHTTP(values)
    checkNamespaces(values)
    checkDrift(values)
    let isFleet = values.text("central.mode") == CentralSettings.Mode.fleet.rawValue
    var sites = isFleet ? [] : readSites(sitesNode, defaults: values)
    if isFleet { checkFleet(values, sitesNode) }
    addMappings(
      mappingNodes(mappingsNode, path: "mappings"), own: siteMappings(sitesNode),
      root: values.text("topics.root"), to: &sites)
    addRoutes(routesNode, to: &sites)
    let publicURL = readPublicURL(values)
    for index in sites.indices { sites[index].publicURL = publicURL }
    let heartbeat = readHeartbeat(values)
    let central = readCentral(values)
    guard let broker, let http, errors.isEmpty else { return nil }
    return Settings(
      bridge: BridgeSettings(
        id: values.text("bridge.id"),
        dataDirectory: Self.withoutLastSlash(values.text("bridge.data_dir"))),
      broker: broker,
      topics: TopicSettings(root: values.text("topics.root"), scalarTags: values.flag("topics.scalar_tags")),
      sparkplug: SparkplugSettings(
        isEnabled: values.flag("sparkplug.enabled"),
        primaryHost: values.optionalText("sparkplug.primary_host")),
      enterprise: values.optionalText("uns.enterprise"),
      discovery: DiscoverySettings(
        isForHomeAssistant: values.flag("discovery.home_assistant"), prefix: values.text("discovery.prefix")),
      http: http, heartbeat: heartbeat, central: central, publicURL: publicURL,
      sites: sites)
  }

  private static func withoutLastSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  mutating func overlayEnvironment(_ values: inout SettingValues, _ keys: [SettingKey]) {
    for definition in keys {
      guard let text = environment[definition.variable], !text.isEmpty else { continue }
      set(text, definition, .variable(definition.variable), prefix: "", into: &values)
    }
  }

  /// Topics of the unified namespace and of discovery must not be among Andon's own, nor among each other.
  private mutating func checkNamespaces(_ values: SettingValues) {
    func first(_ text: String) -> Substring { text.prefix { $0 != "/" } }
    let (root, prefix) = (values.text("topics.root"), values.text("discovery.prefix"))
    let isDiscovered = values.flag("discovery.home_assistant")
    if let enterprise = values.optionalText("uns.enterprise") {
      let others = [("topics.root", root)] + (isDiscovered ? [("discovery.prefix", prefix)] : [])
      for (key, other) in others where first(other) == enterprise {
        report(
          values.origin("uns.enterprise"), "uns.enterprise",
          "must differ from the first level of \(key), which is \(other)")
      }
    }
    let isInside = "\(prefix)/".hasPrefix("\(root)/") || "\(root)/".hasPrefix("\(prefix)/")
    if isDiscovered, isInside {
      let origin = values.origin("discovery.prefix") ?? values.origin("discovery.home_assistant")
      report(origin, "discovery.prefix", "must not be above, below or equal to topics.root, which is \(root)")
    }
  }

  private mutating func checkDrift(_ values: SettingValues) {
    let (limit, clear) = (values.number("drift.limit"), values.number("drift.clear_limit"))
    guard clear < limit else { return }
    recordClearLimit(
      values.origin("drift.clear_limit") ?? values.origin("drift.limit"), "drift.clear_limit", clear, limit)
  }

  mutating func recordClearLimit(_ origin: SettingOrigin?, _ path: String, _ clear: Int64, _ limit: Int64) {
    let (clear, limit) = (SettingValue.fraction(clear), SettingValue.fraction(limit))
    report(origin, path, "must not be below drift.limit, which is \(limit); it is \(clear)")
  }
}
