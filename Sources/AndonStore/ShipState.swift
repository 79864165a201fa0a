import AndonCore
import Foundation
import GRDB

/// How the log of a site's file stands.
package struct ShipState: Sendable, Hashable {
  package var selection: ShipSelection
  /// Bodies that are not shipped and are more than that are read from the tables instead.
  package var limitBytes: Int64
  /// The newest body.
  package var committed = ShipPosition.start
  /// Up to here the server has all.
  package var acked = ShipPosition.start
  /// Up to here the bodies are deleted.
  package var trimmed = ShipPosition.start
  /// Bytes of the bodies behind `acked`, and of those before it that are kept.
  package var backlogBytes: Int64 = 0
  package var keptBytes: Int64 = 0
  package var markSeq: Int64 = 0
  package var markMs: Int64 = 0
  /// The epoch under which the last acknowledgement came, and the server's cluster; empty before the first one.
  package var epoch: Int64 = 0
  package var clusterID: [UInt8] = []

  init(selection: ShipSelection, limitBytes: Int64) {
    (self.selection, self.limitBytes) = (selection, limitBytes)
  }
}

extension ShipState {
  /// Whether all bodies, also those that are kept, are few enough to be rewritten in one transaction.
  var isRewrittenWhole: Bool { backlogBytes + keptBytes <= SiteStore.rewrittenLogBytes }

  private static let columns = """
    selection, limit_bytes, committed_seq, committed_tip, acked_seq, acked_tip, trimmed_seq, trimmed_tip,
    backlog_bytes, kept_bytes, mark_seq, mark_ms, epoch, cluster_id
    """

  /// Nil while the log is off.
  static func read(_ db: Database) throws -> ShipState? {
    // A file that no bridge of this version has opened yet.
    try db.tableExists("ship_state") ? current(db) : nil
  }

  /// The same for a file that the writer has migrated.
  static func current(_ db: Database) throws -> ShipState? {
    let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT \(columns) FROM ship_state"))
    guard let row, let selection = ShipSelection(bits: row[0]) else { return nil }
    var state = ShipState(selection: selection, limitBytes: row[1])
    state.committed = ShipPosition(seq: row[2], tip: row[3])
    state.acked = ShipPosition(seq: row[4], tip: row[5])
    state.trimmed = ShipPosition(seq: row[6], tip: row[7])
    (state.backlogBytes, state.keptBytes, state.markSeq, state.markMs) = (row[8], row[9], row[10], row[11])
    state.epoch = row[12]
    state.clusterID = Array(row[13] as Data)
    return state
  }

  func save(_ db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO ship_state (id, \(Self.columns)) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        selection.bits, limitBytes, committed.seq, committed.tip, acked.seq, acked.tip, trimmed.seq,
        trimmed.tip, backlogBytes, keptBytes, markSeq, markMs, epoch, Data(clusterID),
      ])
  }
}
