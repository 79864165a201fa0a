package import AndonStore
import Dispatch
import Synchronization

/// Writes the looks at workers' figures and events of one site. An answer leaves after its row is on the disk.
///
/// The rows that wait are written in one transaction, and then the writer rests: however many ask, the ingest loop waits
/// for at most twenty short transactions a second.
package final class AccessLog: Sendable {
  private struct Waiting {
    var row: AccessRow
    var done: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var waiting: [Waiting] = []
    var isBusy = false
  }

  /// The most waiting rows; further answers are refused.
  static let limit = 1024
  private static let rest: DispatchTimeInterval = .milliseconds(50)

  private let siteID: String
  private let store: StoreReference
  private let queue: DispatchQueue
  private let state = Mutex(State())

  package init(siteID: String, store: StoreReference) {
    self.siteID = siteID
    self.store = store
    queue = DispatchQueue(label: "andon.looks.\(siteID)")
  }

  /// Returns when the row is on the disk.
  ///
  /// - Throws: `Problem` 503 when it cannot be written. The answer must not be given then.
  package func append(_ row: AccessRow) async throws {
    do {
      try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        let (isTaken, isIdle) = state.withLock { state in
          guard state.waiting.count < Self.limit else { return (false, false) }
          state.waiting.append(Waiting(row: row, done: done))
          defer { state.isBusy = true }
          return (true, !state.isBusy)
        }
        if !isTaken { done.resume(throwing: Failure(reason: "\(Self.limit) rows wait already")) }
        if isIdle { queue.async { self.write() } }
      }
    } catch {
      let reason = StoreFault(error)?.words(path: store.store?.path ?? "the site's file") ?? "\(error)"
      throw Problem.busy(
        503, code: "not_logged",
        "this answer shows workers, and the access log of site \(siteID) cannot be written: \(reason)",
        retryAfterSeconds: 5)
    }
  }

  private func write() {
    let waiting = state.withLock { state in
      defer { state.waiting.removeAll() }
      state.isBusy = !state.waiting.isEmpty
      return state.waiting
    }
    guard !waiting.isEmpty else { return }
    let failure: (any Error)?
    do {
      guard let store = store.store else { throw Failure(reason: "the site's file is not open") }
      try store.append(waiting.map(\.row))
      failure = nil
    } catch { failure = error }
    for entry in waiting {
      if let failure { entry.done.resume(throwing: failure) } else { entry.done.resume() }
    }
    queue.asyncAfter(deadline: .now() + Self.rest) { self.write() }
  }

  private struct Failure: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
  }
}
