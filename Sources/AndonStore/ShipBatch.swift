package import AndonCore

/// What is to be shipped next: consecutive bodies of the log.
package struct ShipBatch: Sendable {
  /// The number after the acknowledged one. Bodies between it and the first of these are read from the tables instead.
  package var firstSeq: Int64
  /// Where the server stands when it has these.
  package var last: ShipPosition
  /// Each with the number of its commit.
  package var bodies: [(seq: Int64, records: [ShipRecord])]
  package var bytes: Int
  /// A base of the commit `last`, which is stored in the same statement; nil when none is due.
  package var base: WorkingState?

  /// What the commits changed in the small tables, each with the number of its commit.
  package var patches: [(seq: Int64, patch: ShippedPatch)] {
    bodies.flatMap { body in
      body.records.compactMap { if case .patch(let patch) = $0 { (body.seq, patch) } else { nil } }
    }
  }

  package var rows: Int { bodies.reduce(0) { $0 + $1.records.count } }
}
