/// What a bridge of a fleet sees besides its own sites.
package struct FleetWatch: Sendable, Equatable {
  /// A site without a bridge.
  package struct Unowned: Sendable, Equatable {
    package var siteID: String
    /// For how long, by the server's clock, milliseconds.
    package var forMs: Int64

    package init(siteID: String, forMs: Int64) { (self.siteID, self.forMs) = (siteID, forMs) }
  }

  /// How long a site may be without a bridge before that is an alert: a take-over is shorter.
  package static let unownedMs: Int64 = 30_000

  /// Sites that a person moves to this bridge and that another one holds still.
  package var due = 0
  /// How many sites have had no bridge for `unownedMs`.
  package var unownedCount = 0
  /// They, by id, a thousand at most.
  package var unowned: [Unowned] = []

  package init() {}
}
