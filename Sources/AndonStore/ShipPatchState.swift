import GRDB

/// How the patches of the small tables stand; a row of the file while the log keeps the state.
struct ShipPatchState: Sendable, Hashable {
  /// The hash chain of the patches.
  var tip: Int64 = 0
  /// Bytes of patches since the log keeps the state.
  var totalBytes: Int64 = 0
  /// A new base is needed of this body or a later one; 0: none is.
  var dueSeq: Int64 = 0
  /// The base that the server has: its body, `totalBytes` then, its size, and when it was sent (epoch milliseconds).
  var baseSeq: Int64 = 0
  var baseTotal: Int64 = 0
  var baseBytes: Int64 = 0
  var baseMs: Int64 = 0

  /// A restore applies at most so many bytes of patches, or a quarter of the base's.
  static let mostBytes: Int64 = 8 << 20
  /// And so many patches, or as many as a base has hundreds of bytes: each takes its time.
  static let mostPatches: Int64 = 2000
  static let usualMs: Int64 = 600_000
  /// What was deleted by age leaves the server with the next base.
  static let longestMs: Int64 = 86_400_000
  /// A larger patch is left out: the next base tells what it did.
  static let largestPatch = 4 << 20

  /// Whether it is time for a base, although the one that the server has is enough for a restore.
  func isOld(committed seq: Int64, nowMs: Int64) -> Bool {
    let bytes = totalBytes - baseTotal
    guard bytes > 0 else { return false }
    if seq - baseSeq >= max(Self.mostPatches, baseBytes / 100) { return true }
    let ageMs = nowMs < baseMs ? .max : nowMs - baseMs
    return bytes >= max(Self.mostBytes, baseBytes) || ageMs >= Self.longestMs
      || (ageMs >= Self.usualMs && 4 * bytes >= baseBytes)
  }
}

extension ShipPatchState {
  /// Nil while the log does not keep the state.
  static func read(_ db: Database) throws -> ShipPatchState? {
    let row = try StoreTransaction(reading: db).integers(
      "SELECT tip, total_bytes, due_seq, base_seq, base_total, base_bytes, base_ms FROM ship_patch",
      columns: 7)
    return row.map {
      ShipPatchState(
        tip: $0[0], totalBytes: $0[1], dueSeq: $0[2], baseSeq: $0[3], baseTotal: $0[4], baseBytes: $0[5],
        baseMs: $0[6])
    }
  }

  func save(_ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO ship_patch (id, tip, total_bytes, due_seq, base_seq, base_total, base_bytes, base_ms)
        VALUES (1, ?, ?, ?, ?, ?, ?, ?)
        """)
    statement.setUncheckedArguments([
      tip.databaseValue, totalBytes.databaseValue, dueSeq.databaseValue, baseSeq.databaseValue,
      baseTotal.databaseValue, baseBytes.databaseValue, baseMs.databaseValue,
    ])
    try statement.execute()
  }
}
