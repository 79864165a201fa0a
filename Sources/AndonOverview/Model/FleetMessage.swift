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

  /// An alert without the broker, which the topic does not say.
  package struct OpenAlert: Sendable, Equatable {
    package var alertID: String
    package var state: FleetAlert.State
    package var severity: Int64
    package var rule = ""
    package var sourceID = ""
    package var message = ""
    package var name: String?
    package var sinceMs: Int64?
    package var raisedMs: Int64?
    package var ackedBy: String?
    package var action: String?
    package var link: String?
  }

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
