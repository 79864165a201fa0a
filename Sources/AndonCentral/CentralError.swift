package import Postgres

/// Why something with the central database failed, with what to do.
package enum CentralError: Error, CustomStringConvertible {
  /// The server, or the network.
  case postgres(PostgresError, place: String)
  /// No schema `andon`.
  case missing(place: String)
  case newerSchema(version: Int32, place: String)
  case noTimescale(place: String)
  case otherLayout(CentralLayout, place: String)

  package var description: String {
    switch self {
    case .postgres(let error, let place): "\(place): \(error)\(Self.remedy(error.kind))"
    case .missing(let place): "\(place) has no schema of Andon's; make it with andon central init"
    case .newerSchema(let version, let place):
      "\(place) has schema \(version), this program knows up to \(CentralSchema.version); use a newer andon"
    case .noTimescale(let place):
      "\(place) does not have the extension timescaledb; install it, and run CREATE EXTENSION timescaledb there"
    case .otherLayout(let layout, let place):
      "\(place) was made with the layout \(layout.rawValue), which cannot be changed; use another database"
    }
  }

  private static func remedy(_ kind: PostgresError.Kind) -> String {
    switch kind {
    case .permission: "; look at user, password and rights (docs/central.md)"
    case .again: "; try again"
    default: ""
    }
  }
}
