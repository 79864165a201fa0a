package import AndonConfiguration
package import AndonRuntime
import Dispatch
import Synchronization

/// Checks names and passwords, one at a time on a thread of its own: a check costs memory and time on purpose, and must
/// not take them from the ingest loops.
package final class Login: Sendable {
  package enum Outcome: Sendable {
    case accepted(UserRecord)
    /// The name or the password is wrong; which one is not said.
    case refused
    /// Too many failures: not before so many milliseconds.
    case tooSoon(Int64)
    /// Too many checks wait.
    case busy
  }

  private let users: UserDirectory
  private let clock: MonotonicClock
  private let throttle = LoginThrottle()
  private let queue = DispatchQueue(label: "andon.login")
  private let waiting = Mutex(0)
  static let waitingLimit = 16

  package init(users: UserDirectory, clock: MonotonicClock = .system) {
    self.users = users
    self.clock = clock
  }

  package func check(user: String, password: String, address: String) async -> Outcome {
    let isFree = waiting.withLock { waiting in
      guard waiting < Self.waitingLimit else { return false }
      waiting += 1
      return true
    }
    guard isFree else { return .busy }
    defer { waiting.withLock { $0 -= 1 } }
    if let waitMs = throttle.begin(user: user, address: address, nowMs: clock.nowMs) {
      return .tooSoon(waitMs)
    }
    let (hash, isReal) = users.hash(of: user)
    let matches = await withCheckedContinuation { done in
      queue.async { done.resume(returning: hash.matches(password)) }
    }
    guard matches, isReal, let record = users[user] else { return .refused }
    throttle.succeeded(user: user, address: address)
    return .accepted(record)
  }
}
