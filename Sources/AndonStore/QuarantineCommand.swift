package import AndonCore

/// What to do with which rows of the quarantine. A row must match all given filters.
package struct QuarantineCommand: Sendable, Hashable {
  package enum Action: String, Sendable, CaseIterable {
    /// Judge them again: with their time of receipt, by the current rules.
    case replay
    /// Delete them.
    case purge
  }

  package var action: Action
  package var id: Int64?
  package var cameraID: String?
  package var code: RejectionCode?
  /// The range of their times of receipt, epoch milliseconds.
  package var fromMs: Int64?
  package var toMs: Int64?
  /// Only rows after that id, and up to that one: to continue where the last command ended.
  package var afterID: Int64 = 0
  package var upToID: Int64?
  /// The most rows of one command; they share a transaction.
  package var limit = limits.upperBound
  package static let limits = 1...1000

  package init(_ action: Action) { self.action = action }

  /// Whether no filter is given: then all rows match.
  package var isForAll: Bool {
    id == nil && cameraID == nil && code == nil && fromMs == nil && toMs == nil
  }
}
