package import Postgres

/// What a bridge of a fleet asks of the central database; each call is one statement in a transaction of its own. For one
/// thread at a time, as its connection.
///
/// A call ends within `FleetSettings.timeoutMs`. A warning after a commit, as for a standby that may not have it, is an error.
package final class FleetSession: FleetLink {
  private let connection: PostgresConnection
  private let settings: FleetSettings
  private let place: String

  /// - Parameter needsStandby: a server whose commits are on one machine only is refused.
  /// - Throws: `CentralError.postgres`, `CentralError.noStandby`.
  package init(
    _ server: PostgresSettings, _ settings: FleetSettings, interrupt: PostgresInterrupt? = nil,
    needsStandby: Bool = false
  ) throws(CentralError) {
    (place, self.settings) = (server.place, settings)
    connection = try .open(
      server, timeoutMs: settings.timeoutMs, interrupt: interrupt, needsStandby: needsStandby)
  }

  package var isOpen: Bool { connection.isOpen }

  package func close() { connection.close() }

  package func about() throws(CentralError) -> CentralAbout {
    let result = try call(CentralAbout.statement, [])
    return try read { () throws(PostgresError) in try CentralAbout(result) }
  }

  package func join(incarnation: String) throws(CentralError) -> Bool {
    let result = try call(
      "SELECT outcome FROM andon.join_v1($1, $2::text::uuid, $3, $4, $5)",
      [
        .init(settings.bridge), .init(incarnation), .init(settings.ttlMs), .init(settings.capacity),
        .init(settings.version),
      ])
    return try read { () throws(PostgresError) in
      try result.required(0, "outcome", as: String.self) == "joined"
    }
  }

  package func beat(_ beat: FleetBeat, incarnation: String) throws(CentralError) -> FleetAnswer {
    let weights = beat.weights.sorted { $0.key < $1.key }
    let result = try call(
      """
      SELECT standing, incarnation, beat, draining, bridges, incarnations, beats, dead, takes, brokers, ttls_ms, capacities, held,
        held_weights, free, free_weight, free_keys, free_pinned, sites, epochs, config_revs, wishes
      FROM andon.beat_v1($1, $2::text::uuid, $3, $4, $5, $6)
      """,
      [
        .init(settings.bridge), .init(incarnation), .init(beat.takes), .json(beat.status),
        .init(array: weights.map(\.key)), .init(array: weights.map(\.value)),
      ])
    return try read { () throws(PostgresError) -> FleetAnswer in
      switch try result.required(0, "standing", as: String.self) {
      case "member": return .member(try Self.picture(result))
      case "dead": return .dead
      case "absent": return .absent
      case "replaced":
        return .replaced(
          incarnation: try result.required(0, "incarnation"), beat: try result.required(0, "beat"))
      case let other: throw PostgresError(.usage, "beat_v1 answered \(other)")
      }
    }
  }

  private static func picture(_ result: PostgresResult) throws(PostgresError) -> FleetPicture {
    func list<Value: PostgresScalar>(_ column: String, of type: Value.Type = Value.self)
      throws(PostgresError) -> [Value]
    {
      let elements = try result.array(0, column, of: type) ?? []
      let values = elements.compactMap { $0 }
      guard values.count == elements.count else {
        throw PostgresError(.usage, "beat_v1 answered NULL in \(column)")
      }
      return values
    }
    var picture = FleetPicture()
    picture.isDraining = try result.required(0, "draining")
    picture.free = Int(try result.required(0, "free", as: Int64.self))
    picture.freeWeight = try result.required(0, "free_weight")
    picture.freeKeys = try list("free_keys")
    picture.freePinned = Int(try result.required(0, "free_pinned", as: Int64.self))
    let (names, incarnations) = (
      try list("bridges", of: String.self), try list("incarnations", of: String.self)
    )
    let (beats, dead, takes) = (
      try list("beats", of: Int64.self), try list("dead", of: Bool.self), try list("takes", of: Bool.self)
    )
    let (brokers, ttls) = (try list("brokers", of: Bool.self), try list("ttls_ms", of: Int64.self))
    let (capacities, held) = (try list("capacities", of: Double.self), try list("held", of: Int64.self))
    let weights = try list("held_weights", of: Double.self)
    for index in names.indices {
      var member = FleetMember(bridge: names[index], incarnation: incarnations[index], beat: beats[index])
      (member.isDead, member.takes, member.hasBroker) = (dead[index], takes[index], brokers[index])
      (member.ttlMs, member.capacity) = (ttls[index], capacities[index])
      (member.held, member.weight) = (Int(held[index]), weights[index])
      picture.members.append(member)
    }
    let (sites, epochs) = (try list("sites", of: String.self), try list("epochs", of: Int64.self))
    let wishes = try list("wishes", of: String.self)
    let revisions = try result.array(0, "config_revs", of: Int64.self) ?? []
    for index in sites.indices {
      picture.sites.append(
        FleetHolding(
          siteID: sites[index], epoch: epochs[index], configRev: revisions[index],
          wish: FleetHolding.Wish(rawValue: wishes[index]) ?? .free))
    }
    return picture
  }

  package func watch() throws(CentralError) -> FleetWatch {
    let result = try call(
      "SELECT due, unowned, sites, since_ms FROM andon.watch_v1($1, $2)",
      [.init(settings.bridge), .init(FleetWatch.unownedMs)])
    return try read { () throws(PostgresError) in
      var watch = FleetWatch()
      watch.due = Int(try result.required(0, "due", as: Int64.self))
      watch.unownedCount = Int(try result.required(0, "unowned", as: Int64.self))
      let sites = try result.array(0, "sites", of: String.self) ?? []
      let since = try result.array(0, "since_ms", of: Int64.self) ?? []
      watch.unowned = zip(sites, since).compactMap { site, ms in
        if let site, let ms { FleetWatch.Unowned(siteID: site, forMs: ms) } else { nil }
      }
      return watch
    }
  }

  package func declareDead(_ other: FleetMember, incarnation: String) throws(CentralError) -> Bool {
    let result = try call(
      "SELECT andon.declare_dead_v1($1, $2::text::uuid, $3, $4::text::uuid, $5) AS done",
      [
        .init(settings.bridge), .init(incarnation), .init(other.bridge), .init(other.incarnation),
        .init(other.beat),
      ])
    return try read { () throws(PostgresError) in try result.required(0, "done") }
  }

  package func claim(_ claim: FleetClaim, incarnation: String) throws(CentralError) -> [FleetGrant] {
    let result = try call(
      """
      SELECT site_id, epoch, seq, tip, newest_event_ms, retention_ms, config, config_rev, weight, is_current
      FROM andon.claim_v1($1, $2::text::uuid, $3, $4, $5, $6, $7, $8, $9, $10)
      """,
      [
        .init(settings.bridge), .init(incarnation), .init(claim.mostSites), .init(claim.mostWeight),
        .init(claim.mostRestores), .init(array: claim.files.map(\.siteID)),
        .init(array: claim.files.map(\.seq)),
        .init(array: claim.files.map(\.tip)), .init(array: claim.unfit), .init(claim.retentionMs),
      ])
    return try read { () throws(PostgresError) in
      try result.map { row throws(PostgresError) in
        var grant = FleetGrant(
          siteID: try result.required(row, "site_id"), epoch: try result.required(row, "epoch"),
          seq: try result.required(row, "seq"), tip: try result.required(row, "tip"),
          config: try result.required(row, "config"), configRev: try result.required(row, "config_rev"),
          weight: try result.required(row, "weight"), isCurrent: try result.required(row, "is_current"))
        grant.newestEventMs = try result.value(row, "newest_event_ms")
        grant.retentionMs = try result.value(row, "retention_ms")
        return grant
      }
    }
  }

  package func release(_ sites: [(id: String, epoch: Int64)], incarnation: String) throws(CentralError) {
    _ = try call(
      "SELECT site_id FROM andon.release_v1($1::text::uuid, $2, $3)",
      [.init(incarnation), .init(array: sites.map(\.id)), .init(array: sites.map(\.epoch))])
  }

  package func holds(site: String, epoch: Int64, incarnation: String) throws(CentralError) -> Bool {
    let result = try call(
      "SELECT andon.holds_v1($1::text::uuid, $2, $3) AS holds",
      [.init(incarnation), .init(site), .init(epoch)])
    return try read { () throws(PostgresError) in try result.required(0, "holds") }
  }

  package func configs(of sites: [String], incarnation: String) throws(CentralError) -> [FleetConfig] {
    let result = try call(
      "SELECT site_id, config, config_rev FROM andon.configs_v1($1::text::uuid, $2)",
      [.init(incarnation), .init(array: sites)])
    return try read { () throws(PostgresError) in
      try result.map { row throws(PostgresError) in
        FleetConfig(
          siteID: try result.required(row, "site_id"), config: try result.required(row, "config"),
          configRev: try result.required(row, "config_rev"))
      }
    }
  }

  private func call(_ sql: String, _ parameters: [PostgresParameter]) throws(CentralError) -> PostgresResult {
    try read { () throws(PostgresError) in
      let result = try connection.execute(sql, parameters, timeoutMs: settings.timeoutMs)
      try CentralSession.refuseWarnings(result)
      return result
    }
  }

  private func read<Result>(_ body: () throws(PostgresError) -> Result) throws(CentralError) -> Result {
    try connection.run(at: place) { _ throws(PostgresError) in try body() }
  }
}
