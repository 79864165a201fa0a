package import AndonCore
import Foundation
import GRDB
import HeapModule

/// The filters and bounds of a page of events.
package struct EventQuery: Sendable {
  package var workerID: String?
  package var workstationID: String?
  package var cameraID: String?
  /// Half-open `[fromMs, toMs)`.
  package var fromMs: Int64
  package var toMs: Int64
  package var limit: Int
  /// The last event of the page before; the next page begins after it.
  package var after: EventCursor?

  package init(fromMs: Int64, toMs: Int64, limit: Int) {
    self.fromMs = fromMs
    self.toMs = toMs
    self.limit = limit
  }
}

/// The end of a page of events, newest first: the identity of its last event.
package struct EventCursor: Sendable, Hashable, Comparable {
  package var timestampMs: Int64
  package var workerID: String
  package var kind: Int64
  package var workstationID: String
  package var eventID: String

  package init(_ event: Event) {
    timestampMs = event.timestampMs
    workerID = event.workerID
    kind = Int64(event.kind.rawValue)
    workstationID = event.workstationID
    eventID = event.eventID
  }

  /// The order of the pages, from the oldest on.
  package static func < (left: EventCursor, right: EventCursor) -> Bool {
    (left.timestampMs, left.workerID, left.kind, left.workstationID, left.eventID)
      < (right.timestampMs, right.workerID, right.kind, right.workstationID, right.eventID)
  }

  /// The opaque cursor that clients send back.
  package var text: String {
    let plain = "\(timestampMs)/\(kind)/\(workerID)/\(workstationID)/\(eventID)"
    return Data(plain.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  /// Nil for a text that is no cursor.
  package init?(text: String) {
    var padded = text.replacing("-", with: "+").replacing("_", with: "/")
    while padded.utf8.count % 4 != 0 { padded += "=" }
    guard text.utf8.count <= 512, let data = Data(base64Encoded: padded) else { return nil }
    let parts = String(decoding: data, as: UTF8.self)
      .split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, let timestamp = Int64(parts[0]), let kind = Int64(parts[1]), kind <= 3 else {
      return nil
    }
    timestampMs = timestamp
    self.kind = kind
    workerID = parts[2]
    workstationID = parts[3]
    eventID = parts[4]
  }
}

extension SiteStore {
  /// A page of stored events, newest first: at most `limit`, and whether more follow.
  ///
  /// There is no index on time alone, because it would slow down every insert. Each worker, or each model of
  /// the one camera, is a sorted run; the page merges the runs in a heap. O(runs × log + limit × log runs),
  /// independent of the size of the store.
  package func events(_ query: EventQuery) throws -> (events: [StoredEvent], hasMore: Bool) {
    try database.read { db in
      var runs = try Self.runs(query, db)
      for index in runs.indices { try runs[index].fill(query, db) }
      var heap = Heap(runs.filter { !$0.isEmpty })
      var page: [StoredEvent] = []
      while var run = heap.max {
        if page.count == query.limit { return (page, true) }
        page.append(run.removeNewest())
        if run.isEmpty { try run.fill(query, db) }
        if run.isEmpty { heap.removeMax() } else { heap.replaceMax(with: run) }
      }
      return (page, false)
    }
  }

  private static func runs(_ query: EventQuery, _ db: Database) throws -> [EventRun] {
    if let worker = query.workerID { return [EventRun("worker_id = ?", [worker])] }
    if let camera = query.cameraID {
      let models = try String.fetchAll(
        db, sql: "SELECT DISTINCT model_version FROM event WHERE camera_id = ?", arguments: [camera])
      return models.map { EventRun("camera_id = ? AND model_version = ?", [camera, $0]) }
    }
    let workers = try String.fetchAll(
      db, sql: "SELECT id FROM entity WHERE kind = 'worker' UNION ALL SELECT ''")
    return workers.map { EventRun("worker_id = ?", [$0]) }
  }
}

/// One sorted run of a merge, read a few rows at a time. Runs are compared by their newest events: only those that
/// are not empty can be.
private struct EventRun: Comparable {
  let condition: String
  let arguments: [String]
  private var buffer: [StoredEvent] = []
  /// How many of the buffered rows were consumed.
  private var taken = 0
  private var last: EventCursor?
  private var isExhausted = false
  private var chunk = 4

  init(_ condition: String, _ arguments: [String]) {
    self.condition = condition
    self.arguments = arguments
  }

  var isEmpty: Bool { taken == buffer.count }

  static func == (left: EventRun, right: EventRun) -> Bool {
    EventCursor(left.newest.event) == EventCursor(right.newest.event)
  }

  static func < (left: EventRun, right: EventRun) -> Bool {
    let (older, newer) = (left.newest.event, right.newest.event)
    // Mostly the time decides, and the texts need not be looked at.
    if older.timestampMs != newer.timestampMs { return older.timestampMs < newer.timestampMs }
    return EventCursor(older) < EventCursor(newer)
  }

  /// Call it only while the run is not empty.
  private var newest: StoredEvent { buffer[taken] }

  mutating func removeNewest() -> StoredEvent {
    taken += 1
    return buffer[taken - 1]
  }

  mutating func fill(_ query: EventQuery, _ db: Database) throws {
    guard !isExhausted else { return }
    let after = last ?? query.after
    var sql = """
      SELECT timestamp_ms, kind, workstation_id, event_id, camera_id, model_version, confidence_ppm, count,
        accepted, received_at_ms, worker_id
      FROM event WHERE \(condition) AND timestamp_ms >= ? AND timestamp_ms <= ?
      """
    var values: [any DatabaseValueConvertible] = arguments
    values += [query.fromMs, min(query.toMs - 1, after?.timestampMs ?? .max)]
    if let after {
      sql += " AND (timestamp_ms, worker_id, kind, workstation_id, event_id) < (?, ?, ?, ?, ?)"
      values += [after.timestampMs, after.workerID, after.kind, after.workstationID, after.eventID]
    }
    if let workstation = query.workstationID {
      sql += " AND workstation_id = ?"
      values.append(workstation)
    }
    if query.workerID != nil, let camera = query.cameraID {
      sql += " AND camera_id = ?"
      values.append(camera)
    }
    sql += """
       ORDER BY timestamp_ms DESC, worker_id DESC, kind DESC, workstation_id DESC, event_id DESC LIMIT ?
      """
    values.append(chunk)
    let rows = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: StatementArguments(values))
    isExhausted = rows.count < chunk
    chunk = min(256, chunk * 2)
    buffer = try rows.map { try StoredEvent($0, worker: String.fromDatabaseValue($0[10]) ?? "") }
    taken = 0
    last = buffer.last.map { EventCursor($0.event) } ?? last
  }
}
