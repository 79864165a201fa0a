import Synchronization

/// One site's reservation: made once however often `take` is called, returned once.
///
/// A class of its own instead of a mutex in the ingest loop: with that the optimizer of Swift 6.3.1 crashes
/// on the loop's throwing initializer.
package final class FileDescriptorLease: Sendable {
  private let budget: FileDescriptorBudget
  private let isTaken = Mutex(false)

  package init(_ budget: FileDescriptorBudget) { self.budget = budget }

  package func acquire() throws {
    try isTaken.withLock { isTaken in
      if !isTaken { try budget.acquire() }
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
