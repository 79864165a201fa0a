import GRDB

/// Bases of the small tables, and whether the file is the one that the server knows.
extension SiteStore {
  /// The small tables as they are after the newest commit, from one snapshot; nil unless the log keeps the state. O(bytes
  /// of the small tables).
  package func workingState() throws -> WorkingState? {
    try database.read { db in
      guard let state = try ShipState.read(db), state.selection.keepsState else { return nil }
      return try Self.workingState(state, db)
    }
  }

  static func workingState(_ state: ShipState, _ db: Database) throws -> WorkingState {
    let patches = try ShipPatchState.read(db) ?? ShipPatchState()
    let image = try WorkingImage(patchTip: patches.tip, db)
    let applied = try StoreSchema.migrator.appliedIdentifiers(db)
    var base = WorkingState(
      position: state.committed, migrations: StoreSchema.migrator.migrations.filter(applied.contains),
      image: try image.encoded())
    base.patchBytes = patches.totalBytes
    return base
  }

  /// The server has a base.
  package func noteBase(_ base: WorkingState, nowMs: Int64) throws {
    try commitHere { transaction in
      guard var patches = try ShipPatchState.read(transaction.db) else { return }
      if patches.dueSeq <= base.position.seq { patches.dueSeq = 0 }
      (patches.baseSeq, patches.baseTotal) = (base.position.seq, base.patchBytes)
      (patches.baseBytes, patches.baseMs) = (Int64(base.image.count), nowMs)
      try patches.save(transaction.db)
    }
  }

  /// Whether this file is of the history that the server has: what it has behind that is shipped. A stale one is not: another
  /// bridge went on without it, and it is restored and never merged.
  package enum Standing: Sendable { case current, stale }

  /// - Parameter head: where the site stands at the server.
  package func standing(at head: ShipPosition) throws -> Standing {
    try database.read { db in
      guard let state = try ShipState.read(db) else { return head == .start ? .current : .stale }
      return try state.own(head, db) == nil ? .stale : .current
    }
  }
}
