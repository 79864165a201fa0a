import AndonCore
package import GRDB
import GRDBSQLite

/// The number of event rows in each bucket, and the sum of their checksums.
///
/// A sum does not depend on the order, so late events are added like all others and nothing has to be read: a
/// few arithmetic operations an event, and one row a transaction and bucket. A change within eight bytes of a
/// row always changes the row's checksum; several changes cancel out in the sum once in 2⁶².
package struct EventChecksums {
  package struct Quarter: Sendable, Hashable {
    var events: Int64 = 0
    var sum: UInt64 = 0

    static func += (left: inout Quarter, right: Quarter) {
      // Stored numbers may be damaged.
      left = Quarter(
        events: left.events &+ right.events,
        sum: (left.sum &+ right.sum) & EventChecksums.mask)
    }

    static func - (left: Quarter, right: Quarter) -> Quarter {
      Quarter(events: left.events &- right.events, sum: (left.sum &- right.sum) & EventChecksums.mask)
    }
  }

  /// The numeric columns of a row.
  struct Row {
    var timestampMs: Int64
    var kind: Int64
    var worker: Int64
    var workstation: Int64
    var camera: Int64
    var model: Int64
    /// −1 for none.
    var confidencePpm: Int64
    var count: Int64
    var accepted: Int64
    var delayMs: Int64
  }

  /// Keeps sums in the range of SQLite's integers, also while two are added.
  static let mask: UInt64 = 1 << 62 - 1
  private(set) var quarters: [Int64: Quarter] = [:]
  /// The current bucket: events mostly arrive in runs of one bucket.
  private var bucketMs = Int64.min
  private var quarter = Quarter()

  /// - Parameter identifier: the bytes of the event's id as it is stored.
  mutating func add(_ row: Row, identifier: UnsafeBufferPointer<UInt8>) {
    if row.timestampMs < bucketMs || row.timestampMs >= bucketMs &+ SummaryBucket.lengthMs {
      settle()
      bucketMs = SummaryBucket.start(of: row.timestampMs)
    }
    var sum = BlobKey.event
    sum.add(row.timestampMs)
    sum.add(row.kind << 32 | row.accepted)
    sum.add(row.worker << 32 | row.workstation)
    sum.add(row.camera << 32 | row.model)
    sum.add(row.confidencePpm)
    sum.add(row.count)
    sum.add(row.delayMs)
    sum.add(Span(_unsafeElements: identifier))
    quarter.events += 1
    quarter.sum = (quarter.sum &+ sum.value) & Self.mask
  }

  /// What is to be added to the sum of the row's bucket when the row gets another id.
  static func change(of row: EventRows.NumberedEvent, toID id: String) -> Quarter {
    func sum(_ id: String) -> UInt64 {
      var checksums = EventChecksums()
      let event = row.stored.event
      let numbers = Row(
        timestampMs: event.timestampMs, kind: Int64(event.kind.rawValue), worker: Int64(row.names.worker),
        workstation: Int64(row.names.workstation), camera: Int64(row.names.camera),
        model: Int64(row.names.model), confidencePpm: event.confidencePpm.map(Int64.init) ?? -1,
        count: Int64(event.count), accepted: row.stored.isAccepted ? 1 : 0,
        delayMs: row.stored.receivedAtMs - event.timestampMs)
      EventIdentifier.bytes(id).withUnsafeBufferPointer { checksums.add(numbers, identifier: $0) }
      checksums.settle()
      return checksums.quarters.values.first?.sum ?? 0
    }
    return Quarter(events: 0, sum: (sum(id) &- sum(row.stored.event.eventID)) & mask)
  }

  /// Closes the current bucket; call it before reading `quarters`.
  mutating func settle() {
    guard quarter.events > 0 else { return }
    quarters[bucketMs, default: Quarter()] += quarter
    quarter = Quarter()
  }

  /// The counts and checksums of the stored rows. O(events of the range).
  static func recomputed(fromMs: Int64, toMs: Int64, _ db: Database) throws -> [Int64: Quarter] {
    var checksums = EventChecksums()
    let statement = try db.cachedStatement(
      sql: """
        SELECT event_id, timestamp_ms, kind, worker, workstation, camera, model, coalesce(confidence_ppm, -1), count,
          accepted, delay_ms
        FROM event WHERE timestamp_ms >= ? AND timestamp_ms < ?
        """)
    statement.setUncheckedArguments([fromMs.databaseValue, toMs.databaseValue])
    let handle = statement.sqliteStatement
    defer { sqlite3_reset(handle) }
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_ROW else {
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
      }
      let row = Row(
        timestampMs: sqlite3_column_int64(handle, 1), kind: sqlite3_column_int64(handle, 2),
        worker: sqlite3_column_int64(handle, 3), workstation: sqlite3_column_int64(handle, 4),
        camera: sqlite3_column_int64(handle, 5), model: sqlite3_column_int64(handle, 6),
        confidencePpm: sqlite3_column_int64(handle, 7), count: sqlite3_column_int64(handle, 8),
        accepted: sqlite3_column_int64(handle, 9), delayMs: sqlite3_column_int64(handle, 10))
      // A text is read as its bytes, too.
      let identifier = sqlite3_column_blob(handle, 0)?.assumingMemoryBound(to: UInt8.self)
      checksums.add(
        row,
        identifier: UnsafeBufferPointer(start: identifier, count: Int(sqlite3_column_bytes(handle, 0))))
    }
    checksums.settle()
    return checksums.quarters
  }
}

extension StoreTransaction {
  /// Adds to the stored row count and checksum of a bucket.
  package func save(_ bucketMs: Int64, _ quarter: EventChecksums.Quarter) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO event_checksum (bucket_ms, events, checksum) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET events = (events & \(EventChecksums.mask)) + excluded.events,
          checksum = ((checksum & \(EventChecksums.mask)) + excluded.checksum) & \(EventChecksums.mask)
        """
    ).execute(arguments: [bucketMs, quarter.events, Int64(quarter.sum)])
  }
}

extension SiteStore {
  /// The same for the whole file. O(events).
  package func damagedQuarters() throws -> [Int64] {
    try damagedQuarters(fromMs: .min / 4, toMs: .max / 4)
  }

  /// The buckets in `[fromMs, toMs)` whose rows do not match the stored count or checksum, in order. O(events
  /// of the range).
  package func damagedQuarters(fromMs: Int64, toMs: Int64) throws -> [Int64] {
    try database.read { try Self.damagedQuarters(fromMs: fromMs, toMs: toMs, $0) }
  }

  package static func damagedQuarters(fromMs: Int64, toMs: Int64, _ db: Database) throws -> [Int64] {
    var stored = try Row.fetchAll(
      db,
      sql: "SELECT bucket_ms, events, checksum FROM event_checksum WHERE bucket_ms >= ? AND bucket_ms < ?",
      arguments: [fromMs, toMs]
    ).reduce(into: [Int64: EventChecksums.Quarter]()) { all, row in
      all[row[0]] = EventChecksums.Quarter(events: row[1], sum: UInt64(bitPattern: row[2]))
    }
    let pending = try StoreTransaction(reading: db).pendingWrites().checksums
    for (bucketMs, quarter) in pending where bucketMs >= fromMs && bucketMs < toMs {
      stored[bucketMs, default: EventChecksums.Quarter()] += quarter
    }
    let found = try EventChecksums.recomputed(fromMs: fromMs, toMs: toMs, db)
    // While retention deletes the oldest rows step by step, their buckets have no checksum.
    let firstMs = min(
      try Int64.fetchOne(db, sql: "SELECT min(bucket_ms) FROM event_checksum") ?? .max,
      pending.keys.min() ?? .max)
    return Set(stored.keys).union(found.keys).filter { $0 >= firstMs && stored[$0] != found[$0] }.sorted()
  }
}
