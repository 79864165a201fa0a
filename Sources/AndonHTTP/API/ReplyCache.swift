import Synchronization

/// Lets one answer serve everyone who asks the same within a short time, so that a hundred screens cost what one
/// does. Requests that meet while the answer is made wait for it together.
package final class ReplyCache: Sendable {
  private struct Entry {
    var task: Task<APIReply, any Error>
    var expiresMs: Int64
  }

  private let entries = Mutex<[String: Entry]>([:])
  package static let limit = 512

  package init() {}

  /// What was answered so far may not hold any more.
  package func removeAll() { entries.withLock { $0.removeAll() } }

  package func reply(
    _ key: String, nowMs: Int64, forMs: Int64, _ make: @escaping @Sendable () async throws -> APIReply
  ) async throws -> APIReply {
    let task = entries.withLock { entries in
      // A clock that was set back must not keep an old answer alive.
      if let entry = entries[key], nowMs < entry.expiresMs, nowMs >= entry.expiresMs - forMs {
        return entry.task
      }
      if entries.count >= Self.limit { entries = entries.filter { nowMs < $0.value.expiresMs } }
      if entries.count >= Self.limit { entries.removeAll() }
      let task = Task { try await make() }
      entries[key] = Entry(task: task, expiresMs: nowMs + forMs)
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
