/// A site that a bridge holds from now on.
package struct FleetGrant: Sendable, Equatable {
  package var siteID: String
  /// Everything that is sent for the site carries it.
  package var epoch: Int64
  /// Where its log stands at the server.
  package var seq: Int64
  package var tip: Int64
  package var newestEventMs: Int64?
  package var retentionMs: Int64?
  /// YAML: a section `sites:` with this site.
  package var config: String
  package var configRev: Int64
  package var weight: Double
  /// A file of this bridge has this position, or nothing was ever shipped: it needs no restore.
  package var isCurrent: Bool

  package init(
    siteID: String, epoch: Int64, seq: Int64, tip: Int64, config: String, configRev: Int64, weight: Double,
    isCurrent: Bool
  ) {
    (self.siteID, self.epoch, self.seq, self.tip) = (siteID, epoch, seq, tip)
    (self.config, self.configRev, self.weight, self.isCurrent) = (config, configRev, weight, isCurrent)
  }
}
