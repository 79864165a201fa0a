import AndonCore

/// The application that reads the discovery topics, and says `online` when it has started: then they are sent again.
package struct DiscoveryHost: Sendable {
  package var statusTopic: String
  /// What its discovery topics begin with.
  package var devices: String

  /// Home Assistant with this discovery prefix.
  package init(homeAssistant prefix: String) {
    statusTopic = HomeAssistantDiscovery.status(prefix: prefix)
    devices = HomeAssistantDiscovery.devices(prefix: prefix)
  }

  /// Whether a message says that it has started.
  func hasStarted(_ topic: String, _ payload: Span<UInt8>) -> Bool {
    let word = Array("online".utf8)
    guard topic == statusTopic, payload.count == word.count else { return false }
    for (index, byte) in word.enumerated() where payload[index] != byte { return false }
    return true
  }
}
