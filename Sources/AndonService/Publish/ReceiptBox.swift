import Synchronization

/// Where confirmed receipts wait until whoever asked for them looks.
package final class ReceiptBox: Sendable {
  private let confirmed = Mutex<[Int64]>([])

  package init() {}

  func confirm(_ number: Int64) { confirmed.withLock { $0.append(number) } }

  /// The numbers confirmed since the last look.
  package func take() -> [Int64] {
    confirmed.withLock { numbers in
      defer { numbers.removeAll() }
      return numbers
    }
  }
}
