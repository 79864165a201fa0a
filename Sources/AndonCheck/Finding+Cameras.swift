import AndonCore

extension Finding {
  /// Cameras that send with QoS 0; nil when there is none.
  package static func atMostOnce(_ cameras: Set<String>, site: String) -> Finding? {
    guard !cameras.isEmpty else { return nil }
    let names = cameras.sorted()
    return Finding(
      .warning, "qos", site: site,
      "\(names.count == 1 ? "camera" : "cameras") \(NameList.text(names)) sent with QoS 0 within a day: what is sent while the bridge is "
        + "away is lost, no broker keeps it",
      advice: "let them send with QoS 1 (Frigate: mqtt.qos: 1)")
  }
}
