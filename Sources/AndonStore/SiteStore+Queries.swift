package import AndonCore
import Foundation
package import GRDB

extension SiteStore {
  /// The outcome counters since the file was made.
  package func counters() throws -> OutcomeCounters {
    try database.read { try StoreTransaction(reading: $0).counters() }
  }

  package func cameras() throws -> [CameraRow] {
    try database.read { db in
      let stored = try Row.fetchAll(
        db,
        sql: """
          SELECT camera_id, events, last_event_ms, last_received_ms, status, qos0_received, qos0_last_ms,
            sequence
          FROM camera ORDER BY 1
          """
      ).map { row in
        CameraRow(
          cameraID: row[0], events: row[1], lastEventMs: StoredTime.read(row[2]),
          lastReceivedMs: StoredTime.read(row[3]), status: CameraStatus(rawValue: row[4]) ?? .unknown,
          qos0Received: row[5], lastQoS0Ms: StoredTime.read(row[6]),
          sequence: CameraRow.sequence(camera: row[0], row[7], damage))
      }
      let pending = try StoreTransaction(reading: db, damage: damage).pendingWrites().cameras
      guard !pending.isEmpty else { return stored }
      return (stored.filter { pending[$0.cameraID] == nil } + pending.values).sorted {
        $0.cameraID < $1.cameraID
      }
    }
  }

  /// When each worker's first state ever was set, by the worker's number.
  package func firstSets(endingAfter ms: Int64 = .min) throws -> [Int32: Int64] {
    try database.read { try StoreTransaction(reading: $0).firstSets(endingAfter: ms) }
  }

  /// The saved detectors; a state that does not match its checksum is recorded as damaged and given as nil.
  package func driftStates() throws -> [(key: DriftKey, state: [UInt8]?)] {
    try database.read { db in
      try Row.fetchAll(db, sql: "SELECT camera_id, model_version, state FROM drift_state").map { row in
        let key = DriftKey(cameraID: row[0], modelVersion: row[1])
        let state = BlobKey.drift(key).opened(row[2])
        if state == nil { damage.found(.driftState(key)) }
        return (key, state)
      }
    }
  }

  /// The saved detectors; damaged ones are recomputed from their samples. A state that was made with other
  /// settings is left out.
  package func detectors(_ limits: DriftLimits) throws -> [DriftKey: DriftDetector] {
    var detectors: [DriftKey: DriftDetector] = [:]
    for (key, state) in try driftStates() {
      detectors[key] =
        if let state { DriftDetector(encoded: state, settings: limits.settings(for: key)) } else {
          try recomputedDetector(key, limits.settings(for: key))
        }
    }
    return detectors
  }

  /// A key's detector, recomputed from the beginning of its newest hour with sound states, or from its first sample.
  /// O(samples since).
  package func recomputedDetector(_ key: DriftKey, _ settings: DetectorSettings) throws -> DriftDetector {
    let start = try database.read { db -> (atMs: Int64, detector: DriftDetector)? in
      let transaction = StoreTransaction(reading: db, damage: damage)
      guard
        let checkpoint = try transaction.driftCheckpoint(
          key, atOrBefore: .max, multipleOf: HourSum.milliseconds, settings),
        let last = checkpoint.rules.lastSample.map({ HourSum.hour(of: $0.timestampMs) }),
        let hours = try transaction.driftHourRules(key, before: last + 1), hours.hour == last
      else { return nil }
      return (
        checkpoint.atMs, DriftDetector(samples: checkpoint.rules, hours: hours.rules, openHour: nil)
      )
    }
    var detector = start?.detector ?? DriftDetector(settings: settings)
    _ = try replaySamples(key, with: &detector)
    return detector
  }

  /// The accepted events of every worker in `[fromMs, toMs)`, and before it the events of the last state and
  /// of the last sign of life. O(events in the range): all rows of it are read, without the indexes.
  package static func histories(fromMs: Int64, toMs: Int64, _ db: Database) throws -> [WorkerHistory] {
    var events: [String: [StoredEvent]] = [:]
    var rows = EventRows(db)
    try rows.visit(fromMs: fromMs, toMs: toMs) { row in
      if row.stored.isAccepted { events[row.stored.event.workerID, default: []].append(row.stored) }
    }
    let finder = WorkerRows(db)
    let ends = try StoreTransaction(reading: db).pseudonymEnds(after: .min)
    return try workers(db).compactMap { worker in
      let all =
        try before(fromMs, worker, finder).filter(\.isAccepted) + (events.removeValue(forKey: worker) ?? [])
      guard let last = all.max(by: { Event.timelinePrecedes($0.event, $1.event) }) else { return nil }
      return WorkerHistory(
        workerID: worker, events: all.map(\.event), lastCameraID: worker.isEmpty ? nil : last.cameraID,
        endMs: try finder.number(of: worker).flatMap { ends[$0] } ?? .max)
    }
  }

  /// What tells where workers are in `[fromMs, toMs)`: the accepted events of those who have one there or in the state
  /// time-out before it, from then on, and the last state before that where the first event does not set one. A worker
  /// without such an event is timed out in the whole range.
  ///
  /// O(events of the range and of the time-out before it), independent of the number of workers ever seen.
  static func histories(fromMs: Int64, toMs: Int64, timeoutMs: Int64, _ db: Database) throws
    -> [WorkerHistory]
  {
    var events: [Int32: [Event]] = [:]
    var rows = EventRows(db)
    try rows.visit(fromMs: fromMs - timeoutMs, toMs: toMs) { row in
      if row.stored.isAccepted { events[row.names.worker, default: []].append(row.stored.event) }
    }
    let transaction = StoreTransaction(reading: db)
    let ends = try transaction.pseudonymEnds(after: fromMs - timeoutMs)
    // Of these the events of that time may be deleted.
    let carried = Set(try transaction.carriedStates(lastFrom: fromMs - timeoutMs).map(\.worker))
    let finder = WorkerRows(db)
    let names = NameTexts(db)
    return try carried.union(events.keys).sorted().map { worker in
      var known = events[worker] ?? []
      let first = known.min(by: Event.timelinePrecedes)
      let firstMs = first?.timestampMs ?? toMs
      if worker != 0, first?.kind.isState != true || carried.contains(worker) {
        known += try finder.lastSet(of: worker, before: firstMs).map { [$0.stored.event] } ?? []
      }
      if carried.contains(worker) {
        known += try finder.lastSign(of: worker, before: firstMs) { _ in true }?.map(\.stored.event) ?? []
      }
      return WorkerHistory(
        workerID: worker == 0 ? "" : try names.text(worker), events: known, endMs: ends[worker] ?? .max)
    }
  }

  /// The worker's last sign of life and last state before `ms`.
  private static func before(_ ms: Int64, _ worker: String, _ finder: WorkerRows) throws -> [StoredEvent] {
    guard let number = try finder.number(of: worker) else { return [] }
    let last = try finder.lastSign(of: number, before: ms) { _ in true }?.map(\.stored) ?? []
    let set = try finder.lastSign(of: number, before: ms) { $0.event.kind.isState }?.map(\.stored) ?? []
    return set.first?.event.timestampMs == last.first?.event.timestampMs ? last : set + last
  }

  /// The cameras whose status is `offline`.
  package static func offlineCameras(_ db: Database) throws -> Set<String> {
    var offline = try String.fetchSet(
      db.cachedStatement(sql: "SELECT camera_id FROM camera WHERE status = 'offline'"))
    for (id, camera) in try StoreTransaction(reading: db).pendingWrites().cameras {
      if camera.status == .offline { offline.insert(id) } else { offline.remove(id) }
    }
    return offline
  }

  /// The names of all workers, including the empty name of units without a worker.
  package static func workers(_ db: Database) throws -> [String] {
    var names = NameReader(db)
    let ids = try Int64.fetchAll(db.cachedStatement(sql: "SELECT id FROM name WHERE kind = 'worker'"))
    return try ([""] + ids.map { try names.text($0) }).sorted()
  }

  /// The buckets with rows that overlap `[fromMs, toMs)`, in order. O(buckets).
  static func eventBuckets(fromMs: Int64, toMs: Int64, _ db: Database) throws -> [Int64] {
    let firstMs = fromMs < Int64.min / 4 ? fromMs : SummaryBucket.start(of: fromMs)
    var buckets = try Int64.fetchAll(
      db.cachedStatement(
        sql: "SELECT bucket_ms FROM event_checksum WHERE bucket_ms >= ? AND bucket_ms < ? ORDER BY 1"),
      arguments: [firstMs, toMs])
    let pending = try StoreTransaction(reading: db).pendingWrites()
    let more = pending.scanned.union(pending.checksums.keys).filter { $0 >= firstMs && $0 < toMs }
    if !more.isEmpty { buckets = Set(buckets).union(more).sorted() }
    return buckets
  }

  /// Visits every stored event of `[fromMs, toMs)` in order of time. Constant memory.
  package func visitEvents(fromMs: Int64, toMs: Int64, _ body: (StoredEvent) throws -> Void) throws {
    try database.read { db in
      var rows = EventRows(db)
      try rows.visit(fromMs: fromMs, toMs: toMs) { try body($0.stored) }
    }
  }

  /// Rejected events, newest first.
  package func quarantine(limit: Int) throws -> [QuarantineRow] {
    try database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT \(QuarantineRow.columns()) FROM quarantine ORDER BY id DESC LIMIT ?
          """, arguments: [limit]
      ).map(QuarantineRow.init)
    }
  }

  /// The number of rows in the event table. O(rows): for tests and reports.
  package func eventCount() throws -> Int64 {
    try database.read { try Int64.fetchOne($0, sql: "SELECT count(*) FROM event") ?? 0 }
  }
}
