/// How other systems find the bridge's topics.
package struct DiscoverySettings: Sendable {
  /// Whether devices are described for Home Assistant.
  package var isForHomeAssistant: Bool
  /// What its discovery topics begin with.
  package var prefix: String

  /// Nil when nothing is described.
  package var homeAssistantPrefix: String? { isForHomeAssistant ? prefix : nil }
}
