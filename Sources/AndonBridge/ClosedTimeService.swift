import AndonIngest
import AndonStore
import Foundation
import Logging
import ServiceLifecycle

/// Computes what follows from a time that is over, off the ingest thread, and sends it to the site's ingest loop.
///
/// Looks once a minute whether there is something new. What the ingest loop did not take is computed again.
struct ClosedTimeService: Service {
  struct Found: Sendable {
    /// Nil: there is nothing to do for that time.
    var work: SiteCommandQueue.Work?
    /// The end of the time, epoch milliseconds.
    var endMs: Int64
  }

  /// Names the thread and what could not be done in the log.
  let name: String
  let siteID: String
  let storeReference: StoreReference
  let requests: SiteCommandQueue
  let logger: Logger
  /// Nil when no other time is over than the one with this end; nil: none was found before.
  let find: @Sendable (SiteStore, Int64?) throws -> Found?
  static let pause: Duration = .seconds(60)

  func run() async throws {
    let queue = DispatchQueue(label: "andon.\(name).\(siteID)")
    await cancelWhenGracefulShutdown {
      var doneMs: Int64?
      while !Task.isCancelled {
        if let store = storeReference.store {
          let lastMs = doneMs
          let found = await withCheckedContinuation { done in
            queue.async { done.resume(returning: self.found(store, after: lastMs)) }
          }
          if let found, await isTaken(found.work) { doneMs = found.endMs }
        }
        do { try await Task.sleep(for: Self.pause) } catch { return }
      }
    }
  }

  private func isTaken(_ work: SiteCommandQueue.Work?) async -> Bool {
    guard let work else { return true }
    return await requests.send(work).isOK
  }

  private func found(_ store: SiteStore, after doneMs: Int64?) -> Found? {
    do { return try find(store, doneMs) } catch {
      logger.warning("\(name) not computed", metadata: ["site": "\(siteID)", "error": "\(error)"])
      return nil
    }
  }
}
