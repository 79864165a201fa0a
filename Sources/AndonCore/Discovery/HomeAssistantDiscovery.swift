/// The messages with which Home Assistant's MQTT integration finds a site: one retained message for the site, and one
/// for each line, workstation and camera that the configuration names.
///
/// Device discovery: `{prefix}/device/{node}/{object}/config` with `device`, `origin` and `components`
/// (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload).
public struct HomeAssistantDiscovery: Sendable {
  public struct Message: Sendable {
    public var topic: String
    public var payload: [UInt8]
  }

  /// What the messages say of a site.
  public struct Site: Sendable {
    public var id: String
    public var name: String
    public var layout: SiteLayout
    /// The workstations that have a name, by id.
    public var workstations: [String: String]
    public var windows: [WindowKind]
    /// Whether the site has shifts; without, there are no figures of shifts.
    public var hasShifts: Bool
    /// The lines with shifts of their own.
    public var linesWithShifts: Set<String>
    /// What has a target.
    public var targets: Set<TargetSubject> = []

    public init(
      id: String, name: String, layout: SiteLayout, workstations: [String: String], windows: [WindowKind],
      hasShifts: Bool, linesWithShifts: Set<String>
    ) {
      (self.id, self.name, self.layout) = (id, name, layout)
      (self.workstations, self.windows) = (workstations, windows)
      (self.hasShifts, self.linesWithShifts) = (hasShifts, linesWithShifts)
    }
  }

  private let prefix: String
  private let topics: TopicNames
  private let availabilityTopic: String
  private let version: String
  private let site: Site

  public init(prefix: String, topics: TopicNames, availabilityTopic: String, version: String, site: Site) {
    (self.prefix, self.topics, self.availabilityTopic) = (prefix, topics, availabilityTopic)
    (self.version, self.site) = (version, site)
  }

  /// What all discovery topics begin with.
  public static func devices(prefix: String) -> String { "\(prefix)/device/" }

  /// Where Home Assistant says `online` after its start.
  public static func status(prefix: String) -> String { "\(prefix)/status" }

  /// One message for each device.
  public func messages() -> [Message] {
    let layout = site.layout
    var messages = [
      message(
        "site", site.id, name: site.name, model: "Site", via: nil, area: nil,
        figures(.site, site.id, Self.siteMetrics, hasShifts: site.hasShifts))
    ]
    for area in layout.areas {
      for line in area.lines {
        let hasShifts = site.hasShifts || site.linesWithShifts.contains(line.id)
        messages.append(
          message(
            "line", line.id, name: line.name ?? line.id, model: "Line", via: identifier("site", site.id),
            area: area.name ?? area.id, figures(.line, line.id, Self.lineMetrics, hasShifts: hasShifts)))
        for id in line.workstations { messages.append(workstation(id, of: line, area, hasShifts: hasShifts)) }
        for id in line.cameras { messages.append(camera(id, of: line, area)) }
      }
    }
    for id in site.workstations.keys.sorted() where layout.line(ofWorkstation: id) == nil {
      messages.append(workstation(id, of: nil, nil, hasShifts: site.hasShifts))
    }
    return messages
  }

  private static let siteMetrics: [KPIMetric] = [
    .utilization, .availability, .coverage, .units, .unitsPerHour, .throughputPerHour, .working,
    .workersWorking, .stops, .stop, .unplannedStop,
  ]
  private static let lineMetrics: [KPIMetric] = [
    .utilization, .availability, .occupancy, .units, .unitsPerHour, .throughputPerHour, .working,
    .workersPresent, .stops, .stop, .unplannedStop,
  ]

  private static let targetMetrics: [KPIMetric] = [
    .targetUnits, .gapUnits, .pace, .forecastUnits, .targetTotalUnits,
  ]

  private static let plannedMetrics: Set<KPIMetric> = [.availability, .stops, .stop, .unplannedStop]

  private func figures(
    _ scope: KPIScope, _ id: String, _ metrics: [KPIMetric], hasShifts: Bool
  ) -> [HomeAssistantEntity] {
    site.windows.filter { hasShifts || $0 != .shift }.flatMap { window in
      let topic = topics.kpi(site: site.id, scope: scope.rawValue, id: id, window: window.rawValue)
      let isAimed = site.targets.contains { KPIScope($0.scope) == scope && $0.id == id }
      return (metrics + (isAimed ? Self.targetMetrics : [])).filter {
        hasShifts || !Self.plannedMetrics.contains($0)
      }
      .map { HomeAssistantEntity.figure($0, window, topic: topic) }
    }
  }

  private func workstation(
    _ id: String, of line: SiteLayout.Line?, _ area: SiteLayout.Area?, hasShifts: Bool
  ) -> Message {
    message(
      "workstation", id, name: site.workstations[id] ?? id, model: "Workstation",
      via: line.map { identifier("line", $0.id) } ?? identifier("site", site.id),
      area: area.map { $0.name ?? $0.id },
      figures(.workstation, id, Self.lineMetrics, hasShifts: hasShifts))
  }

  private func camera(_ id: String, of line: SiteLayout.Line, _ area: SiteLayout.Area) -> Message {
    func alarm(_ rule: AlarmRule, _ name: String) -> HomeAssistantEntity {
      HomeAssistantEntity(
        key: "alert_\(rule.alertClass)", platform: .binarySensor, name: name,
        stateTopic: topics.alert(site: site.id, class: rule.alertClass, source: id),
        template: "{{ 'ON' if value_json is defined and value_json.active else 'OFF' }}",
        deviceClass: "problem", isDiagnostic: true)
    }
    let connection = HomeAssistantEntity(
      key: "status", platform: .binarySensor, name: "Connection",
      stateTopic: topics.cameraStatus(site: site.id, camera: id), deviceClass: "connectivity",
      isDiagnostic: true, payloads: ("online", "offline"))
    return message(
      "camera", id, name: id, model: "Camera", via: identifier("line", line.id), area: area.name ?? area.id,
      [
        connection, alarm(.confidenceLow, "Drift"), alarm(.cameraSilent, "Silent"),
        alarm(.cameraOffline, "Offline"),
      ])
  }

  /// Unique at the broker, because topics are.
  private func identifier(_ kind: String, _ id: String) -> String {
    kind == "site" ? "\(topics.root)/\(site.id)" : "\(topics.root)/\(site.id)/\(kind)/\(id)"
  }

  private func message(
    _ kind: String, _ id: String, name: String, model: String, via: String?, area: String?,
    _ entities: [HomeAssistantEntity]
  ) -> Message {
    var writer = JSONWriter(capacity: 1024 + 512 * entities.count)
    let identifier = identifier(kind, id)
    writer.key("device")
    writer.object { device in
      device.key("identifiers")
      device.array([identifier]) { $1.value($0) }
      device.field("name", name)
      device.field("manufacturer", "Andon")
      device.field("model", model)
      device.field("sw_version", version)
      if let via { device.field("via_device", via) }
      if let area { device.field("suggested_area", area) }
    }
    writer.key("origin")
    writer.object { origin in
      origin.field("name", "Andon")
      origin.field("sw_version", version)
    }
    writer.field("availability_topic", availabilityTopic)
    writer.field("payload_available", "online")
    writer.field("payload_not_available", "offline")
    writer.field("qos", 1)
    writer.key("components")
    writer.object { components in
      for entity in entities {
        components.key(entity.key)
        components.object { entity.write(to: &$0, uniqueID: "\(identifier)/\(entity.key)") }
      }
    }
    let node = "\(topics.root)/\(site.id)".replacing("/", with: "_")
    return Message(
      topic: "\(Self.devices(prefix: prefix))\(node)/\(kind)-\(id)/config", payload: writer.end())
  }
}
