import Synchronization

/// Collects the broker's answers to publications until their producer reads them.
package final class DeliveryTracker: Sendable {
  /// The answers since the last read, each in order of arrival.
  package struct Answers: Sendable {
    package var confirmed: [Int64] = []
    package var refused: [(number: Int64, reason: UInt8)] = []
  }

  private let answers = Mutex(Answers())

  package init() {}

  package func confirm(_ number: Int64) { answers.withLock { $0.confirmed.append(number) } }

  package func refuse(_ number: Int64, reason: UInt8) {
    answers.withLock { $0.refused.append((number, reason)) }
  }

  package func dequeue() -> Answers {
    answers.withLock { answers in
      defer { answers = Answers() }
      return answers
    }
  }
}
