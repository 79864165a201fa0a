/// The complete, validated configuration of a bridge, defaults included.
package struct Settings: Sendable {
  package var bridge: BridgeSettings
  package var broker: BrokerSettings
  package var topics: TopicSettings
  package var sparkplug: SparkplugSettings
  /// The first level of the unified namespace; nil: figures are not published there.
  package var enterprise: String?
  package var discovery: DiscoverySettings
  package var http: HTTPSettings
  /// The dead-man's switch; nil without one.
  package var heartbeat: NotifyHeartbeatSettings?
  package var central = CentralSettings()
  /// Where people reach this bridge; nil: unknown.
  package var publicURL: String?
  /// At least one, but for a fleet, whose sites are in the central database; no two ids differ in case only.
  package var sites: [SiteSettings]

  /// The path of a site's file. Ids are valid here, so the path cannot leave the folder.
  package func databasePath(site: String) -> String { "\(bridge.dataDirectory)/sites/\(site).sqlite" }

  /// What stands for this bridge in the client ids of a site: in a fleet the cluster, as the site moves.
  package var clientName: String { central.mode == .fleet ? central.cluster : bridge.id }

  /// The file with the number of a site's next Sparkplug connection, beside the site's file.
  package func birthDeathPath(site: String) -> String { "\(bridge.dataDirectory)/sites/\(site).bdseq" }
}

package struct BridgeSettings: Sendable {
  package var id: String
  /// As configured: a relative path counts from the working directory.
  package var dataDirectory: String
}

package struct TopicSettings: Sendable {
  package var root: String
  package var scalarTags: Bool
}
