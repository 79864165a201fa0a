import Synchronization

/// One site's share of the budget: taken once however often it is asked for, given back once.
///
/// A class of its own and no mutex inside the lane: with that, the optimizer of Swift 6.3.1 crashes over the lane's
/// throwing initializer.
package final class DescriptorShare: Sendable {
  private let budget: DescriptorBudget
  private let isTaken = Mutex(false)

  package init(_ budget: DescriptorBudget) { self.budget = budget }

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
