/// The complete, validated configuration of `andon overview`, defaults included. It has no sites.
package struct OverviewSettings: Sendable {
  /// One broker whose sites are shown.
  package struct Broker: Sendable {
    package var name: String
    package var root = "andon/v1"
    /// With `{site}` in place of a site's id; nil: no links.
    package var dashboard: String?
    package var connection: BrokerSettings
  }

  /// At least one; no two names are equal.
  package var brokers: [Broker]
  package var http: HTTPSettings
  package var central: CentralSettings
  /// Whether commands may be sent.
  package var isWritable = false
  package var staleAfterMs: Int64 = 60_000
  package var siteLimit = 20_000
  package var alertLimit = 100
  package var byteLimit = 256 << 20

  /// The most brokers.
  package static let brokerLimit = 64

  /// The settings as the listener takes them, which bridges have, too: without sites.
  package var ofListener: Settings {
    Settings(
      bridge: BridgeSettings(id: "overview", dataDirectory: "."), broker: brokers[0].connection,
      topics: TopicSettings(root: brokers[0].root, scalarTags: false),
      sparkplug: SparkplugSettings(isEnabled: false, primaryHost: nil), enterprise: nil,
      discovery: DiscoverySettings(isForHomeAssistant: false, prefix: ""), http: http, heartbeat: nil,
      sites: [])
  }
}
