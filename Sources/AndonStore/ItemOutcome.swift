package import AndonCore

/// What became of one received event: exactly one of these, as the counters count it.
package struct ItemOutcome: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case stored
    /// Stored for audit and drift, kept out of KPIs.
    case lowConfidence = "low_confidence"
    case duplicate, rejected
  }

  package var kind: Kind
  /// A duplicate that differs from the stored row in something beside the identity.
  package var isConflict = false
  /// Why it was rejected.
  package var rejection: Rejection?

  package init(_ kind: Kind, isConflict: Bool = false, rejection: Rejection? = nil) {
    self.kind = kind
    self.isConflict = isConflict
    self.rejection = rejection
  }
}
