import AndonCore
import Foundation
import GRDB

/// Looks at the rows that people and what was told left: each must be one that the program would write.
package struct JournalCheck: Sendable {
  /// By table, in the order of the check.
  package private(set) var counts: [(table: String, rows: Int)] = []
  /// What is wrong, a sentence each.
  package private(set) var problems: [String] = []

  /// O(rows).
  init(_ db: Database) throws {
    try check(
      "target_change", "SELECT id, scope, from_ms, until_ms, micro_units_per_hour FROM target_change", db
    ) { row in
      let rate: Int64? = row[4]
      if TargetScope(rawValue: row[1]) == nil { return "\(row[0] as Int64) has an unknown scope" }
      if rate.map({ TargetRate(microUnitsPerHour: $0) == nil }) ?? false {
        return "\(row[0] as Int64) has a rate that no command gives"
      }
      let untilMs: Int64? = row[3]
      return untilMs.map { $0 < row[2] } ?? false ? "\(row[0] as Int64) ends before it begins" : nil
    }
    try check("stop_reason", "SELECT id, workstation_id, reason FROM stop_reason", db) { row in
      Identifier.isValid(row[1] as String) && Identifier.isValid(row[2] as String)
        ? nil : "\(row[0] as Int64) names no workstation or no reason"
    }
    try check(
      "told_stop",
      "SELECT workstation_id, start_ms, end_ms, kind, revision, retracted, payload FROM told_stop",
      db, Self.complaint(toldStop:))
    try check("told_report", "SELECT scope, id, start_ms FROM told_report", db) { row in
      let scope = KPIScope(rawValue: row[0])
      return (scope == .line || scope == .site) && Identifier.isValid(row[1] as String)
        ? nil : "of \(row[0] as String)/\(row[1] as String) at \(row[2] as Int64) is of no line and no site"
    }
  }

  private mutating func check(
    _ table: String, _ sql: String, _ db: Database, _ complaint: (Row) throws -> String?
  ) throws {
    // A file that no bridge of this version has opened yet.
    guard try db.tableExists(table) else { return }
    var count = 0
    let rows = try Row.fetchCursor(db, sql: sql)
    while let row = try rows.next() {
      count += 1
      if let text = try complaint(row) { problems.append("\(table) \(text)") }
    }
    counts.append((table, count))
  }

  /// What is published again must be about this stop, and this telling of it.
  private static func complaint(toldStop row: Row) -> String? {
    let (workstation, startMs): (String, Int64) = (row[0], row[1])
    let name = "of \(workstation):\(startMs)"
    if StopKind(rawValue: row[3]) == nil || (row[2] as Int64) < startMs { return name + " is no stop" }
    let object = try? JSONSerialization.jsonObject(with: row[6] as Data) as? [String: Any]
    guard let object, object["stop_id"] as? String == "\(workstation):\(startMs)",
      (object["rev"] as? NSNumber)?.int64Value == row[4] as Int64,
      object["retracted"] as? Bool ?? false == row[5] as Bool
    else { return name + " says something else than what was told" }
    return nil
  }
}

extension SiteStore {
  /// Looks at the journals of targets and reasons, and at what was told of stops and reports. O(rows).
  package func checkJournals() throws -> JournalCheck { try database.read { try JournalCheck($0) } }
}
