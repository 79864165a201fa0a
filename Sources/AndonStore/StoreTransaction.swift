package import AndonCore
import Foundation
package import GRDB

/// The writes of one transaction of a site's file. Valid only inside `SiteStore.commit`.
package struct StoreTransaction {
  package enum InsertOutcome { case inserted, duplicate, conflict }

  package let db: Database
  /// Damaged blobs are recorded here.
  package let damage: DamageLog
  private let eventInsert: EventInsert?
  /// Nil while the log for the central history is off, and for queries.
  let log: ShipLogWriter?

  /// For queries only, on a read-only connection.
  package init(reading db: Database, damage: DamageLog = DamageLog()) {
    self.db = db
    self.damage = damage
    eventInsert = nil
    log = nil
  }

  /// - Parameter selection: what goes into the log; the owner of the transaction writes it as its last step.
  package init(_ db: Database, damage: DamageLog = DamageLog(), log selection: ShipSelection? = nil) throws {
    self.db = db
    self.damage = damage
    log = try selection.map { try ShipLogWriter($0, db) }
    eventInsert = try EventInsert(db, log: selection?.events == true ? log?.bodies : nil)
  }

  /// Inserts the event unless its identity is already stored; the first one stored is kept.
  ///
  /// - Parameter camera: the text of the name.
  package func insert(
    _ event: Event, _ names: EventNames, camera: String, accepted: Bool, receivedAtMs: Int64
  ) throws -> InsertOutcome {
    guard let eventInsert else { preconditionFailure("a reading transaction inserts nothing") }
    if try eventInsert.run(event, names, camera: camera, accepted: accepted, receivedAtMs: receivedAtMs) {
      return .inserted
    }
    return try differsFromStored(event, names) ? .conflict : .duplicate
  }

  /// The number and checksums of the events that this transaction inserted, by bucket, and forgets them.
  package func dequeueChecksums() -> [Int64: EventChecksums.Quarter] {
    eventInsert?.dequeueChecksums() ?? [:]
  }

  /// Whether an event with the same identity is stored.
  package func contains(_ event: Event) throws -> Bool {
    guard let worker = try nameID(.worker, event.workerID),
      let workstation = try nameID(.workstation, event.workstationID)
    else { return false }
    return try stored(event, worker: worker, workstation: workstation) != nil
  }

  private func differsFromStored(_ event: Event, _ names: EventNames) throws -> Bool {
    guard
      let row = try stored(event, worker: Int64(names.worker), workstation: Int64(names.workstation))
    else { return false }
    return row[0] as Int64 != Int64(names.camera) || row[1] as Int64 != Int64(names.model)
      || row[2] as Int32? != event.confidencePpm || row[3] as Int32 != event.count
  }

  private func stored(_ event: Event, worker: Int64, workstation: Int64) throws -> Row? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT camera, model, confidence_ppm, count FROM event WHERE timestamp_ms = ? AND worker = ?
            AND kind = ? AND workstation = ? AND event_id = ?
          """),
      arguments: [
        event.timestampMs, worker, Int64(event.kind.rawValue), workstation,
        EventIdentifier.column(event.eventID),
      ])
  }

  package func recordCamera(_ camera: CameraRow) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO camera (camera_id, events, last_event_ms, last_received_ms, status, qos0_received, qos0_last_ms,
          sequence)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET events = excluded.events,
          last_event_ms = excluded.last_event_ms, last_received_ms = excluded.last_received_ms,
          status = excluded.status, qos0_received = excluded.qos0_received, qos0_last_ms = excluded.qos0_last_ms,
          sequence = excluded.sequence
        """
    ).execute(
      arguments: [
        camera.cameraID, camera.events, StoredTime.column(camera.lastEventMs),
        StoredTime.column(camera.lastReceivedMs), camera.status.rawValue, camera.qos0Received,
        StoredTime.column(camera.lastQoS0Ms), camera.storedSequence,
      ])
    try ship([
      .camera(
        ShippedCamera(
          cameraID: camera.cameraID, events: camera.events,
          lastEventMs: StoredTime.column(camera.lastEventMs),
          lastReceivedMs: StoredTime.column(camera.lastReceivedMs), status: camera.status.rawValue,
          qos0Received: camera.qos0Received, lastQoS0Ms: StoredTime.column(camera.lastQoS0Ms)))
    ])
  }

  /// Uses the row's id if it is greater than all others, otherwise the next free one.
  package func quarantine(_ row: QuarantineRow) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO quarantine (id, received_at_ms, camera_id, topic, code, field, detail, event_id, payload,
          payload_bytes, form)
        VALUES (max(?, coalesce((SELECT max(id) FROM quarantine), 0) + 1), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        row.id, row.receivedAtMs, row.cameraID, row.topic, row.code, row.field, row.detail, row.eventID,
        Data(row.payload), row.payloadBytes, row.form.rawValue,
      ])
  }

  /// Deletes the oldest `count` rows and returns how many there were.
  package func trimQuarantine(oldest count: Int64) throws -> Int64 {
    try db.execute(
      sql: "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine ORDER BY id LIMIT ?)",
      arguments: [count])
    return Int64(db.changesCount)
  }

  package func add(_ counters: OutcomeCounters) throws {
    guard counters != OutcomeCounters() else { return }
    let statement = try db.cachedStatement(sql: Self.addCounters)
    statement.setUncheckedArguments(
      StatementArguments(OutcomeCounters.names.map { counters[keyPath: $0.path].databaseValue }))
    try statement.execute()
    try ship([ShipRows.counters(counters, db)])
  }

  /// The outcome counters since the file was made.
  package func counters() throws -> OutcomeCounters {
    var counters = OutcomeCounters()
    let stored = try Row.fetchAll(db.cachedStatement(sql: "SELECT name, value FROM counter"))
      .reduce(into: [String: Int64]()) { $0[$1[0]] = $1[1] }
    for (name, path) in OutcomeCounters.names { counters[keyPath: path] = stored[name] ?? 0 }
    return counters
  }

  private static let addCounters =
    "UPDATE progress SET "
    + OutcomeCounters.names.map { "\($0.name) = \($0.name) + ?" }.joined(separator: ", ")
}
