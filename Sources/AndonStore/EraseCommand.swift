/// Erases a worker at a site.
package struct EraseCommand: Sendable, Hashable {
  package var workerID: String
  /// Only count what would be erased.
  package var isTrial: Bool

  package init(workerID: String, isTrial: Bool = false) {
    self.workerID = workerID
    self.isTrial = isTrial
  }
}
