package import AndonCore
package import GRDB

/// The journal of commands on targets. The targets of a site are its configuration and these changes, read from the same
/// snapshot as the events.
extension SiteStore {
  /// The most changes that a file keeps.
  package static let targetChangeLimit = 2000

  /// In the order in which they were made.
  package static func targetChanges(_ db: Database) throws -> [TargetChange] {
    // A file that no bridge of this version has opened yet.
    guard try db.tableExists("target_change") else { return [] }
    return try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT scope, subject, from_ms, until_ms, micro_units_per_hour, order_id, product
          FROM target_change ORDER BY id
          """)
    ).compactMap { row in
      guard let scope = TargetScope(rawValue: row[0]) else { return nil }
      let (rate, order, product): (Int64?, String, String) = (row[4], row[5], row[6])
      return TargetChange(
        TargetSubject(scope, row[1]), fromMs: row[2], untilMs: row[3] ?? .max,
        rate: rate.flatMap(TargetRate.init(microUnitsPerHour:)),
        labels: TargetLabels(
          order: order.isEmpty ? nil : order, product: product.isEmpty ? nil : product))
    }
  }

  package func targetChanges() throws -> [TargetChange] { try database.read { try Self.targetChanges($0) } }
}

extension StoreTransaction {
  package func append(_ change: TargetChange, by: String, isVerified: Bool, atMs: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO target_change (at_ms, scope, subject, from_ms, until_ms, micro_units_per_hour, order_id, product, by,
          by_verified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        atMs, change.subject.scope.rawValue, change.subject.id, change.fromMs,
        change.untilMs == .max ? nil : change.untilMs, change.rate?.microUnitsPerHour,
        change.labels.order ?? "", change.labels.product ?? "", by, isVerified,
      ])
    try ship(ShipRows.targets("id = ?", [db.lastInsertedRowID], db))
  }

  /// Deletes the changes that decide nothing from an instant on.
  package func trimTargetChanges(before ms: Int64) throws {
    let ids = try Int64.fetchAll(db.cachedStatement(sql: "SELECT id FROM target_change ORDER BY id"))
    let changes = try SiteStore.targetChanges(db)
    // A row that is not understood is left alone.
    guard ids.count == changes.count else { return }
    for (id, isNeeded) in zip(ids, SiteTargets.needed(changes, from: ms)) where !isNeeded {
      try db.cachedStatement(sql: "DELETE FROM target_change WHERE id = ?").execute(arguments: [id])
    }
  }

  /// From when on figures are computed from events; before it they are final. `.min` while none are.
  package func eventsFromMs() throws -> Int64 { try finalRange()?.upperBound ?? .min }
}
