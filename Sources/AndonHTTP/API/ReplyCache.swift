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
    /// Of the body; 0 before it is made.
    var bytes = 0
  }

  private struct State {
    var entries: [Key: CachedReply] = [:]
    var bytes = 0

    mutating func remove(_ key: Key) { bytes -= entries.removeValue(forKey: key)?.bytes ?? 0 }
  }

  private let state = Mutex(State())
  private let byteLimit: Int
  package static let limit = 512
  /// An answer that alone has more bytes is not kept.
  package static let byteLimit = 64 << 20

  /// - Parameter byteLimit: of the bodies of all answers that are kept.
  package init(byteLimit: Int = byteLimit) { self.byteLimit = byteLimit }

  /// Answers that are kept, and the bytes of their bodies.
  package var size: (count: Int, bytes: Int) { state.withLock { ($0.entries.count, $0.bytes) } }

  /// Discards all answers.
  package func removeAll() { state.withLock { $0 = State() } }

  package func reply(
    _ key: Key, nowMs: Int64, forMs: Int64, _ make: @escaping @Sendable () async throws -> APIReply
  ) async throws -> APIReply {
    let task = state.withLock { state in
      // A clock that was set back must not prolong an old answer.
      if let entry = state.entries[key], nowMs < entry.expiresMs, nowMs >= entry.expiresMs - forMs {
        return entry.task
      }
      state.remove(key)
      for (key, entry) in state.entries where nowMs >= entry.expiresMs { state.remove(key) }
      if state.entries.count >= Self.limit { state = State() }
      let task = Task { try await make() }
      state.entries[key] = CachedReply(task: task, expiresMs: nowMs + forMs)
      return task
    }
    do {
      let reply = try await task.value
      keep(reply, key, task)
      return reply
    } catch {
      state.withLock { state in
        if state.entries[key]?.task == task { state.remove(key) }
      }
      throw error
    }
  }

  /// Counts the bytes of an answer, and makes room: what expires first goes first.
  private func keep(_ reply: APIReply, _ key: Key, _ task: Task<APIReply, any Error>) {
    guard case .bytes(let body) = reply.body, !body.isEmpty else { return }
    state.withLock { state in
      guard let entry = state.entries[key], entry.task == task, entry.bytes == 0 else { return }
      guard body.count <= byteLimit else { return state.remove(key) }
      state.entries[key]?.bytes = body.count
      state.bytes += body.count
      guard state.bytes > byteLimit else { return }
      for (other, _) in state.entries.sorted(by: { $0.value.expiresMs < $1.value.expiresMs })
      where other != key && state.bytes > byteLimit {
        state.remove(other)
      }
    }
  }
}
