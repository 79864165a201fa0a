/// A site's configuration, as it is now.
package struct FleetConfig: Sendable, Equatable {
  package var siteID: String
  /// YAML: a section `sites:` with this site.
  package var config: String
  package var configRev: Int64

  package init(siteID: String, config: String, configRev: Int64) {
    (self.siteID, self.config, self.configRev) = (siteID, config, configRev)
  }
}
