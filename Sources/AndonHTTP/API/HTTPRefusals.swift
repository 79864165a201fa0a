import AndonRuntime
import Logging
import Synchronization

/// Counts what the listener refuses, by reason, and logs it at most once a minute for each address: the
/// operator sees who tries tokens or uses up the connections, and a client cannot fill the log.
package final class HTTPRefusals: Sendable {
  private struct Key: Hashable {
    var reason: String
    var client: String
  }

  private struct Refusals {
    /// Since the last log line.
    var count: Int64 = 0
    var loggedMs: Int64
  }

  private struct State {
    var entries: [Key: Refusals] = [:]
    var totals: [String: Int64] = [:]
  }

  static let intervalMs: Int64 = 60_000
  /// How many addresses are remembered; all others of a minute share one line.
  static let clientLimit = 1000

  private let clock: WallClock
  private let logger: Logger
  private let state = Mutex(State())

  init(clock: WallClock, logger: Logger) {
    self.clock = clock
    self.logger = logger
  }

  /// Refusals since the start, by reason.
  var totals: [(reason: String, count: Int64)] {
    state.withLock { $0.totals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }

  /// Counts one refusal. The first one of an address is logged at once, those of the next minute together.
  func count(_ reason: String, client: String) {
    let nowMs = clock.nowMs
    let told = state.withLock { state -> (String, Int64)? in
      state.totals[reason, default: 0] += 1
      var key = Key(reason: reason, client: client)
      if state.entries[key] == nil, state.entries.count >= Self.clientLimit {
        state.entries = state.entries.filter { nowMs - $0.value.loggedMs < Self.intervalMs }
        if state.entries.count >= Self.clientLimit { key.client = "others" }
      }
      var entry = state.entries[key] ?? Refusals(loggedMs: nowMs - Self.intervalMs)
      entry.count += 1
      defer { state.entries[key] = entry }
      // A clock that was set back must not suppress it.
      guard nowMs - entry.loggedMs >= Self.intervalMs || nowMs < entry.loggedMs else { return nil }
      let count = entry.count
      (entry.count, entry.loggedMs) = (0, nowMs)
      return (key.client, count)
    }
    guard let told else { return }
    logger.warning(
      "HTTP refuses a client",
      metadata: ["reason": "\(reason)", "client": "\(told.0)", "requests": "\(told.1)"])
  }
}
