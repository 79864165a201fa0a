package import AndonConfiguration
package import AndonRuntime
import Synchronization

/// The sessions of users who logged in. They are in memory only: after a restart everybody logs in again.
package final class SessionTable: Sendable {
  private struct Session {
    var user: String
    /// The password's hash at the login: with a new password old sessions end.
    var password: String?
    var madeMs: Int64
    var usedMs: Int64
  }

  /// The most sessions of one user, and of all; the one that was not used for longest makes room.
  package static let perUser = 16
  package static let limit = 4096

  private let idleMs: Int64
  private let lifetimeMs: Int64
  private let users: UserDirectory
  private let clock: MonotonicClock
  /// By the digest of the id: what is in memory opens no session.
  private let sessions = Mutex<[String: Session]>([:])

  package init(users: UserDirectory, idleMs: Int64, lifetimeMs: Int64, clock: MonotonicClock = .system) {
    self.users = users
    self.idleMs = idleMs
    self.lifetimeMs = lifetimeMs
    self.clock = clock
  }

  package var count: Int { sessions.withLock { $0.count } }

  /// Begins a session and returns its id: always a new one, never one that the browser brought.
  package func begin(_ user: UserRecord) -> String {
    let id = RandomToken.make()
    let nowMs = clock.nowMs
    sessions.withLock { sessions in
      sessions = sessions.filter { isAlive($0.value, nowMs) }
      let own = sessions.filter { $0.value.user == user.name }
      if own.count >= Self.perUser { Self.dropOldest(of: own, &sessions) }
      if sessions.count >= Self.limit { Self.dropOldest(of: sessions, &sessions) }
      sessions[RandomToken.digest(id)] = Session(
        user: user.name, password: user.password, madeMs: nowMs, usedMs: nowMs)
    }
    return id
  }

  /// The user of a session as the users file has it now; nil when the session is over or the user is gone.
  package func user(of id: String) -> UserRecord? {
    let key = RandomToken.digest(id)
    let nowMs = clock.nowMs
    return sessions.withLock { sessions in
      guard let session = sessions[key] else { return nil }
      guard isAlive(session, nowMs), let user = users[session.user], user.password == session.password
      else {
        sessions[key] = nil
        return nil
      }
      sessions[key]?.usedMs = nowMs
      return user
    }
  }

  package func end(_ id: String) {
    let key = RandomToken.digest(id)
    sessions.withLock { $0[key] = nil }
  }

  private func isAlive(_ session: Session, _ nowMs: Int64) -> Bool {
    nowMs - session.usedMs < idleMs && nowMs - session.madeMs < lifetimeMs
  }

  private static func dropOldest(of some: [String: Session], _ sessions: inout [String: Session]) {
    if let oldest = some.min(by: { $0.value.usedMs < $1.value.usedMs }) { sessions[oldest.key] = nil }
  }
}
