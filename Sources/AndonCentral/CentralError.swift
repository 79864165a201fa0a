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
  /// The schema allows no bridge of this version to write.
  case bridgeTooOld(needs: Int32, place: String)
  /// The schema lacks what this bridge needs.
  case olderSchema(version: Int32, place: String)
  /// Commits are on one machine only.
  case noStandby(place: String)

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
    case .bridgeTooOld(let needs, let place):
      "\(place) takes only bridges of schema \(needs) or later, this one has \(CentralSchema.version); upgrade this bridge"
    case .noStandby(let place):
      "\(place) commits without waiting for a standby, so an acknowledged event could be lost with it; set "
        + "synchronous_standby_names there (docs/fleet.md), or central.accept_single_node: true"
    case .olderSchema(let version, let place):
      "\(place) has schema \(version), this bridge needs \(CentralSchema.version); run andon central migrate"
    }
  }

  private static func remedy(_ kind: PostgresError.Kind) -> String {
    switch kind {
    case .permission: "; look at user, password and rights (docs/central.md)"
    case .again: "; try again"
    default: ""
    }
  }

  /// The server answered that it does not store this: again changes nothing.
  var isRefusedData: Bool {
    guard case .postgres(let error, _) = self, !error.isOutcomeUnknown else { return false }
    switch error.kind {
    case .data: return true
    case .schema, .unknown, .connection, .again, .permission, .usage: return false
    }
  }

  /// The server cannot carry out this statement, for example because an index of it is broken: what it means for the rows is
  /// not known, so they wait.
  var isOfStatement: Bool {
    guard case .postgres(let error, _) = self, !error.isOutcomeUnknown else { return false }
    return error.kind == .schema || error.kind == .unknown
  }

  /// What kind of error it is, without values of rows, which a message may have.
  var code: String {
    guard case .postgres(let error, _) = self else { return "schema" }
    return error.sqlState.isEmpty ? "\(error.kind)" : "SQLSTATE \(error.sqlState)"
  }
}
