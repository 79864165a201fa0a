import AndonCore
import Dispatch

/// The events of a restore page by page: the next page is read while the one before is stored. Two pages are in memory.
///
/// Until the last page was taken, or `finish` has returned, only this object uses the source.
final class RestorePages {
  /// For the queue, which is the only one that uses the source meanwhile.
  private struct Loan: @unchecked Sendable {
    let source: any RestoreSource
  }

  private final class Page: @unchecked Sendable {
    // Written before the group is left, read after it was waited for.
    var result: Result<[ShippedEvent], any Error> = .success([])
  }

  private let loan: Loan
  private let fromMs: Int64
  private let rows: Int
  private let queue = DispatchQueue(label: "andon.restore-pages")
  private let reading = DispatchGroup()
  private var page = Page()

  init(_ source: any RestoreSource, fromMs: Int64, rows: Int) {
    (loan, self.fromMs, self.rows) = (Loan(source: source), fromMs, rows)
    read(after: nil)
  }

  /// Empty at the end.
  func next() throws -> [ShippedEvent] {
    reading.wait()
    let events = try page.result.get()
    if let last = events.last { read(after: last) }
    return events
  }

  /// Waits until the source is free again.
  func finish() { reading.wait() }

  private func read(after last: ShippedEvent?) {
    let (loan, fromMs, rows, page) = (loan, fromMs, rows, Page())
    self.page = page
    queue.async(group: reading) {
      page.result = Result { try loan.source.events(fromMs: fromMs, after: last, rows: rows) }
    }
  }
}
