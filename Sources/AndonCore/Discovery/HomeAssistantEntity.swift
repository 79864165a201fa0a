/// An entity of a device in Home Assistant: one value of one of the bridge's topics.
struct HomeAssistantEntity: Sendable {
  enum Platform: String, Sendable {
    case sensor
    case binarySensor = "binary_sensor"
  }

  /// Its key among the entities of the device, and the end of its `unique_id`.
  var key: String
  var platform = Platform.sensor
  /// Beside the name of the device.
  var name: String
  var stateTopic: String
  /// Jinja; nil: the payload is the value.
  var template: String?
  var unit: String?
  var deviceClass: String?
  var stateClass: String?
  /// Says how the device is, not what it measures.
  var isDiagnostic = false
  /// The payloads of a binary sensor.
  var payloads: (on: String, off: String) = ("ON", "OFF")

  func write(to writer: inout JSONWriter, uniqueID: String) {
    writer.field("platform", platform.rawValue)
    writer.field("unique_id", uniqueID)
    writer.field("name", name)
    writer.field("state_topic", stateTopic)
    if let template { writer.field("value_template", template) }
    if let unit { writer.field("unit_of_measurement", unit) }
    if let deviceClass { writer.field("device_class", deviceClass) }
    if let stateClass { writer.field("state_class", stateClass) }
    if isDiagnostic { writer.field("entity_category", "diagnostic") }
    guard platform == .binarySensor else { return }
    writer.field("payload_on", payloads.on)
    writer.field("payload_off", payloads.off)
  }

  /// A figure of a record on a `kpi` topic. A figure that cannot be computed is unknown.
  static func figure(_ metric: KPIMetric, _ window: WindowKind, topic: String) -> HomeAssistantEntity {
    var entity = HomeAssistantEntity(
      key: "\(window.rawValue)_\(metric.rawValue)", name: "\(name(of: metric)) (\(window.rawValue))",
      stateTopic: topic, template: value(metric.rawValue))
    switch metric.rawValue {
    // A late event or a reason makes it less.
    case "stop_s", "unplanned_stop_s":
      (entity.unit, entity.deviceClass, entity.stateClass) = ("s", "duration", "measurement")
    case let name where name.hasSuffix("_s"):
      (entity.unit, entity.deviceClass, entity.stateClass) = ("s", "duration", "total_increasing")
    case let name where name.hasSuffix("_pct"): (entity.unit, entity.stateClass) = ("%", "measurement")
    case let name where name.hasSuffix("_per_hour"):
      (entity.unit, entity.stateClass) = ("units/h", "measurement")
    case "gap_units", "forecast_units", "target_total_units":
      (entity.unit, entity.stateClass) = ("units", "measurement")
    case "stops": (entity.unit, entity.stateClass) = ("stops", "measurement")
    case "units", "target_units": (entity.unit, entity.stateClass) = ("units", "total_increasing")
    default: (entity.unit, entity.stateClass) = ("workers", "measurement")
    }
    return entity
  }

  /// A member of an object; none where the object lacks it, or where the topic was emptied.
  static func value(_ member: String) -> String {
    "{{ value_json.\(member) | default(none) if value_json is defined else none }}"
  }

  private static func name(of metric: KPIMetric) -> String {
    switch metric {
    case .utilization: "Utilization"
    case .availability: "Availability"
    case .occupancy: "Occupancy"
    case .coverage: "Coverage"
    case .units: "Units"
    case .unitsPerHour: "Units per hour"
    case .throughputPerHour: "Throughput"
    case .working: "Working time"
    case .workersPresent: "Workers present"
    case .workersWorking: "Workers working"
    case .stops: "Stops"
    case .stop: "Stopped time"
    case .unplannedStop: "Unplanned stopped time"
    case .targetUnits: "Target"
    case .gapUnits: "Ahead of target"
    case .pace: "Pace"
    case .forecastUnits: "Forecast"
    case .targetTotalUnits: "Target of the whole"
    default: metric.rawValue
    }
  }
}
