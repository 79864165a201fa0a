import AndonStore
import Dispatch
import Synchronization

/// One read-only connection and the queue that serializes its use.
final class ReadConnection: Sendable {
  private let siteID: String
  private let path: String
  private let queue: DispatchQueue
  private let store = Mutex<SiteStore?>(nil)

  init(siteID: String, path: String, number: Int) {
    self.siteID = siteID
    self.path = path
    queue = DispatchQueue(label: "andon.read.\(siteID).\(number)")
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (SiteStore) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Result, any Error>) in
      queue.async {
        do {
          done.resume(returning: try body(try self.open()))
        } catch {
          done.resume(throwing: error)
        }
      }
    }
  }

  /// Opened at the first use: the site's first start creates the file, perhaps after this object.
  private func open() throws -> SiteStore {
    if let store = store.withLock({ $0 }) { return store }
    let opened: SiteStore
    do {
      opened = try SiteStore.openForReading(path: path, siteID: siteID)
    } catch {
      throw Problem.busy(
        503, code: "store_unavailable", "the store of site \(siteID) cannot be read: \(error)",
        retryAfterSeconds: 5)
    }
    store.withLock { $0 = opened }
    return opened
  }
}
