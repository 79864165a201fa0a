import Synchronization

/// Where the answers to publications wait until whoever asked for them looks.
package final class DeliveryTracker: Sendable {
  /// What the broker answered since the last look, each in the order of arrival.
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

  package func take() -> Answers {
    answers.withLock { answers in
      defer { answers = Answers() }
      return answers
    }
  }
}
