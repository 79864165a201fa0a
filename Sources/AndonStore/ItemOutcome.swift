package import AndonCore

/// The outcome of one received event: exactly one of these, counted once.
package struct ItemOutcome: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case stored
    /// Stored for audit and drift, excluded from KPIs.
    case lowConfidence = "low_confidence"
    case duplicate, rejected
  }

  package var kind: Kind
  /// A duplicate that differs from the stored row outside the identity.
  package var isConflict = false
  /// Why it was rejected.
  package var rejection: Rejection?

  package init(_ kind: Kind, isConflict: Bool = false, rejection: Rejection? = nil) {
    self.kind = kind
    self.isConflict = isConflict
    self.rejection = rejection
  }
}

extension ItemOutcome.Kind {
  /// How many items had each outcome; 0 for an outcome that is not in the source.
  package static let countFields: [PayloadField<[ItemOutcome.Kind: Int]>] = allCases.map { kind in
    .required(kind.rawValue, .count("Those with this outcome")) { $0[kind] ?? 0 }
  }
}
