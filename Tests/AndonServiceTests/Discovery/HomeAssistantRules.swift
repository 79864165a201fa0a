import Foundation

/// The published rules for a device message of Home Assistant's MQTT discovery
/// (https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery and the pages of its MQTT sensor and binary sensor),
/// written down as checks.
struct HomeAssistantRules {
  /// What is wrong; empty when nothing is.
  private(set) var faults: [String] = []
  private(set) var uniqueIDs: [String] = []
  private(set) var identifiers: [String] = []
  private(set) var vias: [String] = []
  /// By state topic, the members that templates read.
  private(set) var members: [String: Set<String>] = [:]

  private static let deviceClasses: [String: Set<String?>] = [
    "duration": ["d", "h", "min", "s", "ms"], "connectivity": [nil], "problem": [nil],
  ]
  private static let deviceKeys: Set<String> = [
    "identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version", "serial_number",
    "sw_version", "via_device", "suggested_area", "configuration_url",
  ]
  private static let messageKeys: Set<String> = [
    "device", "origin", "components", "availability_topic", "payload_available", "payload_not_available",
    "qos",
    "encoding", "state_topic", "command_topic", "availability", "availability_mode", "availability_template",
  ]
  private static let entityKeys: Set<String> = [
    "platform", "unique_id", "name", "state_topic", "value_template", "unit_of_measurement", "device_class",
    "state_class", "entity_category", "payload_on", "payload_off", "enabled_by_default", "icon",
  ]

  mutating func check(topic: String, payload: [UInt8], prefix: String) {
    func isID(_ text: Substring) -> Bool { text.wholeMatch(of: #/[a-zA-Z0-9_-]+/#) != nil }
    let levels = topic.dropFirst(prefix.count + 1).split(separator: "/", omittingEmptySubsequences: false)
    expect(topic.hasPrefix(prefix + "/"), "\(topic): prefix")
    expect(
      levels.count == 4 && levels[0] == "device" && isID(levels[1]) && isID(levels[2])
        && levels[3] == "config",
      "\(topic): device/{node}/{object}/config")
    guard let message = (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] else {
      return faults.append("\(topic): not an object")
    }
    expect(Set(message.keys).isSubset(of: Self.messageKeys), "\(topic): \(message.keys.sorted())")
    checkDevice(message["device"] as? [String: Any] ?? [:], topic)
    let origin = message["origin"] as? [String: Any] ?? [:]
    expect((origin["name"] as? String)?.isEmpty == false, "\(topic): origin needs a name")
    expect(
      Set(origin.keys).isSubset(of: ["name", "sw_version", "support_url"]), "\(topic): origin \(origin.keys)")
    expect(isTopic(message["availability_topic"]), "\(topic): availability_topic")
    expect((0...2).contains(message["qos"] as? Int ?? -1), "\(topic): qos")
    let components = message["components"] as? [String: [String: Any]] ?? [:]
    expect(!components.isEmpty, "\(topic): components")
    for (key, entity) in components { checkEntity(entity, "\(topic) \(key)") }
  }

  private mutating func checkDevice(_ device: [String: Any], _ place: String) {
    expect(Set(device.keys).isSubset(of: Self.deviceKeys), "\(place): device \(device.keys.sorted())")
    let own = device["identifiers"] as? [String] ?? []
    expect(!own.isEmpty && own.allSatisfy { !$0.isEmpty }, "\(place): a device needs an identifier")
    expect((device["name"] as? String)?.isEmpty == false, "\(place): a device needs a name")
    identifiers += own
    if let via = device["via_device"] as? String { vias.append(via) }
  }

  private mutating func checkEntity(_ entity: [String: Any], _ place: String) {
    func text(_ key: String) -> String? { entity[key] as? String }
    expect(Set(entity.keys).isSubset(of: Self.entityKeys), "\(place): \(entity.keys.sorted())")
    expect(["sensor", "binary_sensor"].contains(text("platform")), "\(place): platform")
    expect(text("unique_id")?.isEmpty == false, "\(place): an entity of a device needs a unique_id")
    expect(isTopic(entity["state_topic"]), "\(place): state_topic")
    uniqueIDs.append(text("unique_id") ?? "")
    let unit = text("unit_of_measurement")
    if let name = text("device_class") {
      let units = Self.deviceClasses[name]
      expect(units?.contains(unit) == true, "\(place): device_class \(name) with unit \(unit ?? "none")")
    }
    if let template = text("value_template") {
      expect(template.hasPrefix("{{ ") && template.hasSuffix(" }}"), "\(place): \(template)")
      expect(template.contains("value_json is defined"), "\(place): the topic may be emptied")
      if let member = template.firstMatch(of: #/value_json\.(\w+)/#)?.1 {
        members[text("state_topic") ?? "", default: []].insert(String(member))
      }
    }
    if text("platform") == "sensor" {
      expect(unit != nil, "\(place): a number has a unit")
      expect(
        ["measurement", "total", "total_increasing"].contains(text("state_class")), "\(place): state_class")
    } else {
      expect(unit == nil && entity["state_class"] == nil, "\(place): a binary sensor has neither")
      expect(text("payload_on") != nil && text("payload_off") != nil, "\(place): payloads")
    }
    if let category = text("entity_category") {
      expect(["diagnostic", "config"].contains(category), "\(place): entity_category")
    }
  }

  private func isTopic(_ value: Any?) -> Bool {
    guard let text = value as? String, !text.isEmpty, text.utf8.count < 65_536 else { return false }
    return !text.contains("#") && !text.contains("+") && !text.contains("\0")
  }

  private mutating func expect(_ isRight: Bool, _ fault: @autoclosure () -> String) {
    if !isRight { faults.append(fault()) }
  }
}
