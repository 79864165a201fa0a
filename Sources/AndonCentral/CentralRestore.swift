package import AndonCore
package import AndonStore
package import Postgres

/// What a restore reads of the central database, in one snapshot. For one thread at a time.
package final class CentralRestore: RestoreSource {
  private let connection: PostgresConnection
  private let site: String
  private let place: String
  /// Of a page of events, or a base.
  private static let timeoutMs: Int64 = 120_000
  private static let mostBytes = 1 << 30

  /// Who holds the site there; nil: no bridge does.
  package private(set) var holder: String?

  /// Begins the snapshot; it ends with `close`.
  package init(_ settings: PostgresSettings, site: String) throws(CentralError) {
    (self.site, place) = (site, settings.place)
    do throws(PostgresError) {
      connection = try PostgresConnection(settings)
      try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    } catch {
      throw CentralAdministration.words(error, place: settings.place)
    }
  }

  package func close() { connection.close() }

  package func head() throws -> RestoreHead? {
    try call { connection throws(PostgresError) -> RestoreHead? in
      let result = try connection.execute(
        "SELECT epoch, seq, tip, bridge_id, counters, cluster_id FROM andon.stand_v1($1)", [.init(site)])
      guard result.rowCount > 0 else { return nil }
      holder = try result.value(0, "bridge_id")
      let counters = try result.array(0, "counters", of: Int64.self) ?? []
      var named: [String: Int64] = [:]
      for (name, value) in zip(CentralSchema.counters, counters) { named[name] = value }
      let cluster: String = try result.required(0, "cluster_id")
      return RestoreHead(
        position: ShipPosition(seq: try result.required(0, "seq"), tip: try result.required(0, "tip")),
        epoch: try result.required(0, "epoch"), clusterID: Array(cluster.utf8), counters: named)
    }
  }

  package func base() throws -> WorkingState? {
    try call { connection throws(PostgresError) -> WorkingState? in
      let result = try connection.execute(
        "SELECT seq, tip, migrations, image FROM andon.base_v1($1)", [.init(site)], timeoutMs: Self.timeoutMs,
        resultLimitBytes: Self.mostBytes)
      guard result.rowCount > 0 else { return nil }
      let migrations: String = try result.required(0, "migrations")
      return WorkingState(
        position: ShipPosition(seq: try result.required(0, "seq"), tip: try result.required(0, "tip")),
        migrations: migrations.split(separator: "\n").map(String.init),
        image: try result.required(0, "image"))
    }
  }

  package func patches(after seq: Int64) throws -> [(seq: Int64, patch: ShippedPatch)] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT seq, patch FROM andon.patches_v1($1, $2)", [.init(site), .init(seq)],
        timeoutMs: Self.timeoutMs, resultLimitBytes: 64 << 20)
      return try result.map { row throws(PostgresError) in
        (
          seq: try result.required(row, "seq"),
          // Bytes that no bridge writes do not fit into the chain.
          patch: Shipment.patch(try result.required(row, "patch"))
        )
      }
    }
  }

  package func events(fromMs: Int64, after last: ShippedEvent?, rows: Int) throws -> [ShippedEvent] {
    try call { connection throws(PostgresError) in
      let event = last?.event
      let result = try connection.execute(
        """
        SELECT timestamp_ms, worker_id, kind, workstation_id, event_id, camera_id, model_version, confidence_ppm, count,
          accepted, received_at_ms FROM andon.events_v1($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [
          .init(site), .init(fromMs), .init(event?.timestampMs ?? fromMs - 1), .init(event?.workerID ?? ""),
          .init(Int16(event?.kind.rawValue ?? 0)), .init(event?.workstationID ?? ""),
          .init(event?.eventID ?? ""), .init(Int32(clamping: rows)),
        ], timeoutMs: Self.timeoutMs, resultLimitBytes: Self.mostBytes)
      return try RestoredEvents(result).all()
    }
  }

  package func erasures() throws -> [ShippedErasure] {
    try call { connection throws(PostgresError) in
      let result = try connection.execute(
        "SELECT at_ms, salt, digest FROM andon.erasures_v1($1)", [.init(site)])
      return try result.map { row throws(PostgresError) in
        ShippedErasure(
          atMs: try result.required(row, "at_ms"), salt: try result.required(row, "salt"),
          digest: try result.required(row, "digest"), replacement: "")
      }
    }
  }

  private func call<Result>(
    _ body: (PostgresConnection) throws(PostgresError) -> Result
  ) throws(CentralError) -> Result {
    try connection.run(at: place, body)
  }
}
