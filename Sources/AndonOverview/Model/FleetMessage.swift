/// A message of a bridge, decoded.
package enum FleetMessage: Sendable {
  case figures(site: String, FleetFigures)
  case noFigures(site: String, window: String)
  /// Nil: the alert is not open, or its topic was cleared.
  case alert(site: String, topic: String, OpenAlert?)
  case summary(site: String, FleetSummary?)
  case name(site: String, SiteName?)
  /// Nil: the topic was cleared.
  case availability(bridge: String, isOnline: Bool?)
  case heartbeat(bridge: String, Heartbeat?)
  case commandResult(site: String, CommandAnswer)

  package struct SiteName: Sendable, Equatable {
    package var name: String
    package var timeZone: String?
  }

  package struct Heartbeat: Sendable, Equatable {
    /// The sites that it serves; nil where the bridge does not say.
    package var sites: [String]?
    /// The sites that do not run, and why.
    package var troubles: [String: String] = [:]
  }
}
