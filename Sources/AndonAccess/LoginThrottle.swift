import Synchronization

/// Slows down who tries passwords: after some failures each further attempt has to wait, for the name that is tried and
/// for the address that tries, twice as long each time.
///
/// Both tables are bounded. What did not fail for a quarter of an hour is forgotten, so that a user whom somebody
/// else's attempts keep out is let in again.
package final class LoginThrottle: Sendable {
  private struct Failures {
    var count = 0
    var lastMs: Int64
  }

  private struct State {
    var users: [String: Failures] = [:]
    var addresses: [String: Failures] = [:]
  }

  /// Attempts without a wait: a person mistypes; many people may share one address.
  package static let freeOfUser = 5
  package static let freeOfAddress = 20
  package static let longestWaitMs: Int64 = 60_000
  package static let memoryMs: Int64 = 900_000
  static let limit = 10_000

  private let state = Mutex(State())

  package init() {}

  /// Begins an attempt and counts it as failed until `succeeded`, so that attempts at the same time are counted, too.
  /// Returns nil when it may proceed, else after how many milliseconds; then it is not counted.
  package func begin(user: String, address: String, nowMs: Int64) -> Int64? {
    state.withLock { state in
      let wait = max(
        Self.wait(state.users[user], free: Self.freeOfUser, nowMs),
        Self.wait(state.addresses[address], free: Self.freeOfAddress, nowMs))
      guard wait <= 0 else { return wait }
      Self.count(&state.users, user, nowMs)
      Self.count(&state.addresses, address, nowMs)
      return nil
    }
  }

  package func succeeded(user: String, address: String) {
    state.withLock { state in
      state.users[user] = nil
      // Only this attempt: a user of one's own must not clear what was tried with other names.
      state.addresses[address]?.count -= 1
    }
  }

  private static func wait(_ failures: Failures?, free: Int, _ nowMs: Int64) -> Int64 {
    guard let failures, nowMs - failures.lastMs < memoryMs, failures.count >= free else { return 0 }
    let waitMs = min(longestWaitMs, 1000 << Int64(min(failures.count - free, 16)))
    return failures.lastMs + waitMs - nowMs
  }

  private static func count(_ table: inout [String: Failures], _ key: String, _ nowMs: Int64) {
    var failures = table[key] ?? Failures(lastMs: nowMs)
    if nowMs - failures.lastMs >= memoryMs { failures.count = 0 }
    failures.count += 1
    failures.lastMs = nowMs
    if table[key] == nil, table.count >= limit {
      table = table.filter { nowMs - $0.value.lastMs < memoryMs }
      if table.count >= limit {
        let times = table.values.map(\.lastMs).sorted()
        table = table.filter { $0.value.lastMs > times[times.count / 2] }
      }
    }
    table[key] = failures
  }
}
