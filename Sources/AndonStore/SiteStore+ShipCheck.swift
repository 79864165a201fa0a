import AndonCore
import GRDB

/// Checking and mending the log.
extension SiteStore {
  /// How many bodies the log has, nil while it is off, and what is wrong with it, in words. O(bytes of the log).
  package func checkLog() throws -> (bodies: Int?, problems: [String]) {
    try database.read { db in
      guard let state = try ShipState.read(db) else { return (nil, []) }
      var (bodies, problems): (Int, [String]) = (0, [])
      var (backlog, kept): (Int64, Int64) = (0, 0)
      var reader = ShipLogReader(db, behind: state.trimmed)
      var last = state.trimmed
      while true {
        do {
          guard let body = try reader.next() else { break }
          (bodies, last) = (bodies + 1, body.position)
          if last.seq > state.acked.seq { backlog += Int64(body.bytes) } else { kept += Int64(body.bytes) }
          if last.seq == state.acked.seq, last != state.acked {
            problems.append("body \(last.seq) is not the one that was acknowledged")
          }
        } catch let damaged as DamagedShipBody {
          problems.append("body \(damaged.seq): \(damaged.words)")
          try reader.skip()
          let row = try Row.fetchOne(
            db, sql: "SELECT tip, length(body) FROM ship_log WHERE seq = ?", arguments: [damaged.seq])
          guard let row else { continue }
          (bodies, last) = (bodies + 1, ShipPosition(seq: damaged.seq, tip: row[0]))
          if last.seq > state.acked.seq { backlog += row[1] } else { kept += row[1] }
        }
      }
      if last != state.committed {
        problems.append("it ends at body \(last.seq), the state says \(state.committed.seq), or another tip")
      }
      if (backlog, kept) != (state.backlogBytes, state.keptBytes) {
        problems.append(
          "it has \(backlog) bytes to ship and \(kept) kept ones, the state says \(state.backlogBytes) and "
            + "\(state.keptBytes)")
      }
      return (bodies, problems)
    }
  }

  /// Mends a damaged body; its rows are read from the tables where they cannot be read from it.
  func mendLog(_ seq: Int64) throws { try commitHere { try $0.mendLog(seq) } }
}
