package import Postgres

/// What a bridge asks of the central database; each call is one statement in a transaction of its own. For one thread at
/// a time, as its connection.
package final class CentralSession {
  private let connection: PostgresConnection
  private let incarnation: String
  private let place: String

  /// - Parameters:
  ///   - incarnation: a UUID of this run of the bridge.
  ///   - needsStandby: a server whose commits are on one machine only is refused.
  /// - Throws: `CentralError.postgres`, `CentralError.noStandby`.
  package init(
    _ settings: PostgresSettings, incarnation: String, timeoutMs: Int64 = 10_000,
    interrupt: PostgresInterrupt? = nil, needsStandby: Bool = false
  ) throws(CentralError) {
    (place, self.incarnation) = (settings.place, incarnation)
    connection = try .open(
      settings, timeoutMs: timeoutMs, interrupt: interrupt, needsStandby: needsStandby)
  }

  package var isOpen: Bool { connection.isOpen }

  package func close() { connection.close() }

  /// Reads which schema and which database it is. Later schemas answer, too.
  package func about() throws(CentralError) -> CentralAbout {
    try call { connection throws(PostgresError) in
      try CentralAbout(try connection.execute(CentralAbout.statement))
    }
  }

  /// Makes this bridge the holder of the sites; who held them is refused from now on. Sites of a fleet are not taken: they
  /// are returned as they are, with `isMine` false.
  ///
  /// - Parameter retentionMs: how old these sites' events and figures of workers may become; nil: for ever.
  package func take(
    sites: [String], bridge: String, retentionMs: Int64?
  ) throws(CentralError) -> [CentralPosition] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT site_id, epoch, seq, tip, newest_event_ms, held_by, is_mine FROM andon.take_v1($1, $2::text::uuid, $3, $4)",
        [.init(bridge), .init(incarnation), .init(array: sites), .init(retentionMs)])
      try Self.refuseWarnings(result)
      var positions = try Self.positions(result, bridge: "held_by")
      for row in positions.indices { positions[row].isMine = try result.required(row, "is_mine") }
      return positions
    }
  }

  /// Where a site stands. What it says is as durable as a commit.
  ///
  /// - Returns: nil for a site that no bridge ever took.
  package func resume(site: String, epoch: Int64) throws(CentralError) -> CentralPosition? {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT $1 AS site_id, is_mine, epoch, seq, tip, newest_event_ms, bridge_id FROM andon.resume_v1($3::text::uuid, $1, $2)",
        [.init(site), .init(epoch), .init(incarnation)])
      try Self.refuseWarnings(result)
      guard var position = try Self.positions(result, bridge: "bridge_id").first else { return nil }
      position.isMine = try result.required(0, "is_mine")
      return position
    }
  }

  private static let shipping = shipping("ship_v1", parameters: 8 + 12 + Shipment.Kind.allCases.count)
  private static let shippingState = shipping(
    "ship_v2", parameters: 8 + 12 + Shipment.Kind.allCases.count + 6)

  private static func shipping(_ function: String, parameters: Int) -> String {
    let places = (2...parameters).map { "$\($0)" }.joined(separator: ", ")
    return
      "SELECT site, outcome, inserted, held_by FROM andon.\(function)($1::text::uuid, \(places)) ORDER BY site"
  }

  /// Ships, and returns the outcome of each site in the order of the shipment.
  ///
  /// - Throws: an error whose `isOutcomeUnknown` is set, or a warning: it may have been stored; `resume` tells.
  package func ship(_ shipment: Shipment, timeoutMs: Int64 = 10_000) throws(CentralError) -> [ShipmentOutcome]
  {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        shipment.hasState ? Self.shippingState : Self.shipping,
        [.init(incarnation)] + shipment.parameters + (shipment.hasState ? shipment.stateParameters : []),
        timeoutMs: timeoutMs)
      try Self.refuseWarnings(result)
      var outcomes: [ShipmentOutcome] = []
      for row in 0..<result.rowCount {
        switch try result.required(row, "outcome", as: String.self) {
        case "a": outcomes.append(.applied(events: try result.required(row, "inserted")))
        case "r": outcomes.append(.repeated)
        case "s": outcomes.append(.otherPosition)
        case "f": outcomes.append(.fenced(by: try result.value(row, "held_by")))
        case let other: throw PostgresError(.usage, "ship_v1 answered \(other)")
        }
      }
      return outcomes
    }
  }

  /// Does a step of what keeps the database in order: partitions, ages, erasures. It takes some seconds at most, unless one
  /// site has very many rows of one day.
  ///
  /// - Parameter oldestMs: partitions are made from there, for rows that will be that old; at most ten years back.
  /// - Returns: what was done; empty when there was nothing to do or another bridge does it.
  package func maintain(oldestMs: Int64? = nil, timeoutMs: Int64 = 60_000) throws(CentralError)
    -> [CentralAction]
  {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT action, subject, amount FROM andon.maintain_v1($1)", [.init(oldestMs)], timeoutMs: timeoutMs)
      return try result.map { row throws(PostgresError) in
        CentralAction(
          name: try result.required(row, "action"), subject: try result.required(row, "subject"),
          amount: try result.required(row, "amount"))
      }
    }
  }

  /// The back-fills that were asked for, of sites that this bridge holds.
  package func requests() throws(CentralError) -> [CentralRequest] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT site_id, from_ms, to_ms FROM andon.asked_v1($1::text::uuid)", [.init(incarnation)])
      return try result.map { row throws(PostgresError) in
        CentralRequest(
          siteID: try result.required(row, "site_id"), fromMs: try result.required(row, "from_ms"),
          toMs: try result.required(row, "to_ms"))
      }
    }
  }

  /// The site's file has noted what was asked.
  package func answered(_ request: CentralRequest) throws(CentralError) {
    try call { connection throws(PostgresError) -> Void in
      try connection.execute(
        "SELECT andon.answered_v1($1::text::uuid, $2, $3, $4)",
        [.init(incarnation), .init(request.siteID), .init(request.fromMs), .init(request.toMs)])
    }
  }

  /// A warning after a commit: the standby may not have it (a cancelled wait for synchronous replication).
  static func refuseWarnings(_ result: PostgresResult) throws(PostgresError) {
    guard let warning = result.notices.first(where: \.isWarning) else { return }
    throw PostgresError(.connection, warning.message, sqlState: warning.sqlState, isOutcomeUnknown: true)
  }

  private static func positions(
    _ result: PostgresResult, bridge: String
  ) throws(PostgresError) -> [CentralPosition] {
    try result.map { row throws(PostgresError) in
      CentralPosition(
        siteID: try result.required(row, "site_id"), epoch: try result.required(row, "epoch"),
        seq: try result.required(row, "seq"), tip: try result.required(row, "tip"),
        newestEventMs: try result.value(row, "newest_event_ms"), bridgeID: try result.value(row, bridge))
    }
  }

  private func call<Result>(
    _ body: (PostgresConnection) throws(PostgresError) -> Result
  ) throws(CentralError) -> Result {
    try connection.run(at: place, body)
  }
}
