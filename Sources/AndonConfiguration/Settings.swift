/// Everything a bridge is told, checked and complete: no default is left to be filled in later.
package struct Settings: Sendable {
  package var bridge: BridgeSettings
  package var broker: BrokerSettings
  package var topics: TopicSettings
  package var sparkplug: SparkplugSettings
  package var http: HTTPSettings
  /// At least one; no two ids differ in case only.
  package var sites: [SiteSettings]

  /// Where a site's file lies. Only legal ids get here, so nothing buckets the folder.
  package func databasePath(site: String) -> String { "\(bridge.dataDirectory)/sites/\(site).sqlite" }

  /// Where the number of a site's next Sparkplug connection is kept: beside its file.
  package func birthDeathPath(site: String) -> String { "\(bridge.dataDirectory)/sites/\(site).bdseq" }
}

package struct BridgeSettings: Sendable {
  package var id: String
  /// As configured: a relative one counts from the working directory.
  package var dataDirectory: String
}

package struct TopicSettings: Sendable {
  package var root: String
  package var scalarTags: Bool
}
