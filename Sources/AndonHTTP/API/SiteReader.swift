package import AndonStore
import Dispatch
import Synchronization

/// Reads a site's file for the API with read-only connections on threads of its own, so that requests and the
/// ingest loop never wait for each other.
package final class SiteReader: Sendable {
  package let siteID: String
  private let path: String
  private let connections: [ReadConnection]
  private let next = Mutex(0)
  /// The most waiting requests; further ones are answered with 503.
  static let waitingLimit = 256
  private let waiting = Mutex(0)

  package init(siteID: String, path: String) {
    self.siteID = siteID
    self.path = path
    connections = (0..<2).map { ReadConnection(siteID: siteID, path: path, number: $0) }
  }

  /// Runs the body with an open store, off the cooperative threads.
  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (SiteStore) throws -> Result
  ) async throws -> Result {
    let isFree = waiting.withLock { waiting in
      guard waiting < Self.waitingLimit else { return false }
      waiting += 1
      return true
    }
    guard isFree else {
      throw Problem.busy(503, code: "busy", "too many queries wait for site \(siteID)", retryAfterSeconds: 1)
    }
    defer { waiting.withLock { $0 -= 1 } }
    let index = next.withLock { next in
      next = (next + 1) % connections.count
      return next
    }
    return try await connections[index].read(body)
  }
}
