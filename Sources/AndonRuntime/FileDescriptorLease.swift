import Synchronization

/// One site's share of the budget: taken once however often it is asked for, given back once.
///
/// A class of its own and no mutex inside the ingestLoop: with that, the optimizer of Swift 6.3.1 crashes over the ingestLoop's
/// throwing initializer.
package final class FileDescriptorLease: Sendable {
  private let budget: FileDescriptorBudget
  private let isTaken = Mutex(false)

  package init(_ budget: FileDescriptorBudget) { self.budget = budget }

  package func take() throws {
    try isTaken.withLock { isTaken in
      if !isTaken { try budget.take() }
      isTaken = true
    }
  }

  package func give() {
    isTaken.withLock { isTaken in
      if isTaken { budget.give() }
      isTaken = false
    }
  }
}
