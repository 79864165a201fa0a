import AndonRuntime
package import Postgres

/// What a person does with a fleet: its sites and their configuration, which bridge they run on. For one thread at a time.
///
/// Changes are for `andon_owner`, lists for `andon_reader`, too. Bridges see a change with their next beat.
package final class FleetAdministration {
  private let connection: PostgresConnection
  private let place: String

  /// What `apply` did, or would do. Ids in order.
  package struct Changes: Sendable, Equatable {
    package var added: [String] = []
    package var changed: [String] = []
    package var unchanged: [String] = []
    package var removed: [String] = []
    /// Taken from bridges that are not of the fleet.
    package var freed: [String] = []
    /// Sites that such a bridge still holds, and its name: the fleet waits for them.
    package var outside: [String: String] = [:]
  }

  package init(_ settings: PostgresSettings) throws(CentralError) {
    place = settings.place
    connection = try .open(settings)
  }

  /// Writes the sites, all or none. A configuration that is the same keeps its revision.
  ///
  /// - Parameters:
  ///   - sites: the YAML of each by its id.
  ///   - removes: sites that are not named are no sites of the fleet any more; their history stays.
  ///   - takes: sites that bridges outside of the fleet hold are free; those bridges are refused from then on.
  ///   - isTrial: changes nothing.
  package func apply(_ sites: [String: String], removes: Bool, takes: Bool, isTrial: Bool)
    throws(CentralError)
    -> Changes
  {
    try call { connection throws(PostgresError) in
      try connection.executeScript(
        "BEGIN; SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '10s'")
      var changes = Changes()
      for (id, yaml) in sites.sorted(by: { $0.key < $1.key }) {
        let result = try connection.execute(
          """
          INSERT INTO andon.site AS s (site_id, config) VALUES ($1, $2)
          ON CONFLICT (site_id) DO UPDATE SET config = excluded.config, config_rev = s.config_rev + 1, enabled = true,
            changed_at = clock_timestamp()
          WHERE s.config <> excluded.config OR NOT s.enabled RETURNING s.config_rev
          """, [.init(id), .init(yaml)])
        if result.rowCount == 0 {
          changes.unchanged.append(id)
        } else if try result.required(0, "config_rev", as: Int64.self) == 1 {
          changes.added.append(id)
        } else {
          changes.changed.append(id)
        }
      }
      let ids = sites.keys.sorted()
      try connection.execute(
        "INSERT INTO andon.head (site_id) SELECT s FROM unnest($1) AS u (s) ON CONFLICT DO NOTHING",
        [.init(array: ids)])
      if removes {
        let gone = try connection.execute(
          "DELETE FROM andon.site WHERE NOT site_id = ANY ($1) RETURNING site_id", [.init(array: ids)])
        changes.removed = try Self.ids(gone)
      }
      if takes {
        let freed = try connection.execute(
          """
          UPDATE andon.head h SET epoch = h.epoch + 1, bridge_id = NULL, incarnation = NULL, free_since = clock_timestamp()
          FROM andon.fleet_now f
          WHERE f.site_id = h.site_id AND f.enabled AND f.state = 'outside' AND h.site_id = ANY ($1) RETURNING h.site_id
          """, [.init(array: ids)])
        changes.freed = try Self.ids(freed)
      }
      let outside = try connection.execute(
        "SELECT site_id, bridge_id FROM andon.fleet_now WHERE enabled AND state = 'outside'")
      for row in 0..<outside.rowCount {
        changes.outside[try outside.required(row, "site_id")] = try outside.required(
          row, "bridge_id", as: String.self)
      }
      try connection.executeScript(isTrial ? "ROLLBACK" : "COMMIT")
      return changes
    }
  }

  private static func ids(_ result: PostgresResult) throws(PostgresError) -> [String] {
    try result.map { row throws(PostgresError) in try result.required(row, "site_id", as: String.self) }
      .sorted()
  }

  /// Tells a bridge to give its sites to others, or to take some again.
  ///
  /// - Returns: false when there is no such bridge.
  package func drain(_ bridge: String, _ isDraining: Bool) throws(CentralError) -> Bool {
    try call { connection throws(PostgresError) in
      try connection.execute(
        "UPDATE andon.bridge SET draining = $2 WHERE bridge_id = $1", [.init(bridge), .init(isDraining)]
      ).affectedRows > 0
    }
  }

  /// Pins a site to a bridge; nil: to none. While that bridge takes no sites, another one has it.
  ///
  /// - Returns: false when it is no site of the fleet.
  package func pin(_ site: String, to bridge: String?) throws(CentralError) -> Bool {
    try call { connection throws(PostgresError) in
      try connection.execute(
        "UPDATE andon.site SET pinned_to = $2 WHERE site_id = $1", [.init(site), .init(bridge)]
      ).affectedRows > 0
    }
  }

  /// By name.
  package func bridges() throws(CentralError) -> [FleetBridgeRow] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        """
        SELECT bridge_id, state, sites, weight, capacity, version, broker_ok, (since_beat_s * 1000)::bigint AS since_ms
        FROM andon.bridge_now ORDER BY bridge_id
        """)
      return try result.map { row throws(PostgresError) in
        FleetBridgeRow(
          bridgeID: try result.required(row, "bridge_id"), state: try result.required(row, "state"),
          sites: try result.required(row, "sites"), weight: try result.required(row, "weight"),
          capacity: try result.required(row, "capacity"), version: try result.required(row, "version"),
          hasBroker: try result.required(row, "broker_ok"), sinceBeatMs: try result.required(row, "since_ms"))
      }
    }
  }

  /// Of the fleet and of others, by id.
  package func sites() throws(CentralError) -> [FleetSiteRow] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        """
        SELECT site_id, bridge_id, state, enabled, epoch, weight, pinned_to, config_rev, (since_shipped_s * 1000)::bigint AS lag_ms,
          (extract(epoch FROM now() - unowned_since) * 1000)::bigint AS unowned_ms
        FROM andon.fleet_now ORDER BY site_id
        """)
      return try result.map { row throws(PostgresError) in
        FleetSiteRow(
          siteID: try result.required(row, "site_id"), bridgeID: try result.value(row, "bridge_id"),
          state: try result.required(row, "state"), isOfFleet: try result.required(row, "enabled"),
          epoch: try result.required(row, "epoch"), weight: try result.value(row, "weight"),
          pinnedTo: try result.value(row, "pinned_to"), configRev: try result.value(row, "config_rev"),
          lagMs: try result.value(row, "lag_ms"), unownedMs: try result.value(row, "unowned_ms"))
      }
    }
  }

  private func call<Result>(
    _ body: (PostgresConnection) throws(PostgresError) -> Result
  ) throws(CentralError) -> Result {
    try connection.run(at: place, rollsBack: true, body)
  }
}
