/// What is published for SCADA systems that speak Sparkplug B.
package struct SparkplugSettings: Sendable {
  package var isEnabled: Bool
  /// The host application that must be online; nil publishes whoever listens.
  package var primaryHost: String?
}
