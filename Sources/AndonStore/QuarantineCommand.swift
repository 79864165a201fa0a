package import AndonCore

/// What is to be done with rows of the quarantine. Rows must fit everything that is given.
package struct QuarantineCommand: Sendable, Hashable {
  package enum Action: String, Sendable, CaseIterable {
    /// Put them through the pipeline again: as of when they came, by the rules of now.
    case replay
    /// Delete them.
    case purge
  }

  package var action: Action
  package var id: Int64?
  package var cameraID: String?
  package var code: RejectionCode?
  /// When they came, epoch milliseconds.
  package var fromMs: Int64?
  package var toMs: Int64?
  /// Only rows behind that one, and up to that one: for going on where an order ended.
  package var afterID: Int64 = 0
  package var upToID: Int64?
  /// Rows of one order: they share a transaction.
  package var limit = limits.upperBound
  package static let limits = 1...1000

  package init(_ action: Action) { self.action = action }

  /// Nothing was given that would choose rows: all of them are meant.
  package var isForAll: Bool {
    id == nil && cameraID == nil && code == nil && fromMs == nil && toMs == nil
  }
}
