/// Publishing for SCADA systems that use Sparkplug B.
package struct SparkplugSettings: Sendable {
  package var isEnabled: Bool
  /// The host application that must be online; nil: always publish.
  package var primaryHost: String?
}
