/// A position of a site's log that a file of this bridge has. If the server stands there, the file needs no restore.
package struct FleetFile: Sendable, Equatable {
  package var siteID: String
  package var seq: Int64
  package var tip: Int64

  package init(siteID: String, seq: Int64, tip: Int64) {
    (self.siteID, self.seq, self.tip) = (siteID, seq, tip)
  }
}
