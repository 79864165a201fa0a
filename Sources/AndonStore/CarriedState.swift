import AndonCore
import GRDB

/// What the deleted events say of a worker at the time of the oldest events that are left.
struct CarriedState: Equatable {
  struct Setting: Equatable {
    var atMs: Int64
    var kind: EventKind
    var workstation: Int32
  }

  var worker: Int32
  /// When the first state ever was set.
  var firstSetMs: Int64?
  /// The last state.
  var set: Setting?
  /// The last sign of life, and the camera that saw it.
  var lastMs: Int64
  var camera: Int32

  /// Adds the next events, in timeline order. Those from before what is known (a clock was wrong) change nothing but
  /// the first state.
  mutating func add(_ events: EventList, bucketMs: Int64) {
    for event in events.entries where event.isAccepted {
      let atMs = bucketMs + Int64(event.offset)
      if atMs >= lastMs { (lastMs, camera) = (atMs, event.camera) }
      guard event.kind.isState else { continue }
      firstSetMs = min(firstSetMs ?? atMs, atMs)
      if atMs >= set?.atMs ?? .min {
        set = Setting(atMs: atMs, kind: event.kind, workstation: event.workstation)
      }
    }
  }

  /// The last sign of life before `ms` that is known.
  func lastSign(before ms: Int64) -> Int64? {
    if lastMs < ms { return lastMs }
    return set.flatMap { $0.atMs < ms ? $0.atMs : nil }
  }

  /// The state before `ms`; nil when it is not known.
  func setting(before ms: Int64) -> Setting? { set.flatMap { $0.atMs < ms ? $0 : nil } }

  fileprivate var checksum: Int64 {
    BlobKey.carriedState([
      Int64(worker), firstSetMs ?? .min, set?.atMs ?? .min, Int64(set?.kind.rawValue ?? 0),
      Int64(set?.workstation ?? 0), lastMs, Int64(camera),
    ])
  }
}

extension StoreTransaction {
  /// Nil for a worker of whom no event was deleted, and for a damaged row, which is recorded.
  func carriedState(worker: Int32) throws -> CarriedState? {
    try carriedStates("WHERE worker = ?", [Int64(worker)]).first
  }

  /// Those whose last sign of life lies there or later: few, until time has passed the deleted events.
  func carriedStates(lastFrom ms: Int64) throws -> [CarriedState] {
    try carriedStates("WHERE last_ms >= ?", [ms])
  }

  private func carriedStates(_ condition: String, _ arguments: StatementArguments) throws -> [CarriedState] {
    // A file that no bridge of this version has opened yet.
    guard try db.tableExists("carried_state") else { return [] }
    return try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT worker, first_set_ms, set_ms, kind, workstation, last_ms, camera, checksum FROM carried_state
          \(condition) ORDER BY worker
          """), arguments: arguments
    ).compactMap { row in
      let setMs: Int64? = row[2]
      let set = setMs.flatMap { atMs in
        EventKind(rawValue: UInt8(clamping: row[3] as Int64)).map {
          CarriedState.Setting(atMs: atMs, kind: $0, workstation: Int32(truncatingIfNeeded: row[4] as Int64))
        }
      }
      let state = CarriedState(
        worker: Int32(truncatingIfNeeded: row[0] as Int64), firstSetMs: row[1], set: set, lastMs: row[5],
        camera: Int32(truncatingIfNeeded: row[6] as Int64))
      if state.checksum == row[7] as Int64 { return state }
      damage.found(.carriedState(worker: state.worker))
      return nil
    }
  }

  func save(_ state: CarriedState) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO carried_state (worker, first_set_ms, set_ms, kind, workstation, last_ms, camera, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      state.worker, state.firstSetMs, state.set?.atMs, Int64(state.set?.kind.rawValue ?? 0),
      state.set?.workstation ?? 0, state.lastMs, state.camera, state.checksum,
    ])
  }
}
