package import AndonAccess
import Synchronization

/// Shares one answer among equal requests within a short time, so that a hundred screens cost as much as one.
/// Requests that arrive while the answer is computed wait for it together.
package final class ReplyCache: Sendable {
  /// A question, and what the caller who asks it may see.
  package struct Key: Sendable, Hashable {
    var uri: String
    var view: Caller.View

    package init(uri: String, view: Caller.View) {
      self.uri = uri
      self.view = view
    }
  }

  private struct CachedReply {
    var task: Task<APIReply, any Error>
    var expiresMs: Int64
  }

  private let entries = Mutex<[Key: CachedReply]>([:])
  package static let limit = 512

  package init() {}

  /// Discards all answers.
  package func removeAll() { entries.withLock { $0.removeAll() } }

  package func reply(
    _ key: Key, nowMs: Int64, forMs: Int64, _ make: @escaping @Sendable () async throws -> APIReply
  ) async throws -> APIReply {
    let task = entries.withLock { entries in
      // A clock that was set back must not prolong an old answer.
      if let entry = entries[key], nowMs < entry.expiresMs, nowMs >= entry.expiresMs - forMs {
        return entry.task
      }
      if entries.count >= Self.limit { entries = entries.filter { nowMs < $0.value.expiresMs } }
      if entries.count >= Self.limit { entries.removeAll() }
      let task = Task { try await make() }
      entries[key] = CachedReply(task: task, expiresMs: nowMs + forMs)
      return task
    }
    do {
      return try await task.value
    } catch {
      entries.withLock { $0[key] = nil }
      throw error
    }
  }
}
