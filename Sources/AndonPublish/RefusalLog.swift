import AndonStatus
import Synchronization

/// Refusals of the bridge's publications: counted, and remembered by topic.
package final class RefusalLog: Sendable {
  private struct Refusal {
    var reason: UInt8
    /// Monotonic milliseconds.
    var atMs: Int64
  }

  private struct State {
    var topics: [String: Refusal] = [:]
    var count: Int64 = 0
    /// The times of the last log lines, monotonic milliseconds.
    var loggedAtMs: [Int64] = []
  }

  private let state = Mutex(State())
  /// The most topics that are remembered; refusals of further ones are only counted.
  private static let topicLimit = 1000
  /// A topic without another refusal for this long is forgotten.
  private static let memoryMs: Int64 = 3_600_000
  /// The most log lines a minute: a wrong ACL refuses thousands of topics.
  private static let linesPerMinute = 10

  package init() {}

  /// Records a refusal. Returns whether to log it: the first of its topic, within a limit a minute.
  package func refused(_ topic: String, reason: UInt8, nowMs: Int64) -> Bool {
    state.withLock { state in
      state.count += 1
      let isKnown = state.topics[topic]?.reason == reason
      if state.topics.count >= Self.topicLimit, state.topics[topic] == nil {
        state.topics = state.topics.filter { nowMs - $0.value.atMs < Self.memoryMs }
      }
      guard isKnown || state.topics.count < Self.topicLimit else { return false }
      state.topics[topic] = Refusal(reason: reason, atMs: nowMs)
      guard !isKnown else { return false }
      state.loggedAtMs.removeAll { nowMs - $0 >= 60_000 }
      guard state.loggedAtMs.count < Self.linesPerMinute else { return false }
      state.loggedAtMs.append(nowMs)
      return true
    }
  }

  /// The broker accepted a publication on this topic.
  package func accepted(_ topic: String) {
    state.withLock { state in
      guard !state.topics.isEmpty else { return }
      state.topics[topic] = nil
    }
  }

  /// Why the last publication on this topic was refused; nil when it was accepted.
  package func reason(of topic: String) -> UInt8? { state.withLock { $0.topics[topic]?.reason } }

  /// Refusals since the start, repeated ones included.
  package var count: Int64 { state.withLock { $0.count } }

  /// The current refusals as text; nil while there are none. Topics of the last hour count.
  package func words(nowMs: Int64) -> String? {
    state.withLock { state in
      guard !state.topics.isEmpty else { return nil }
      let live = state.topics.filter { nowMs - $0.value.atMs < Self.memoryMs }
      guard let first = live.min(by: { $0.key < $1.key }) else { return nil }
      let reason = first.value.reason
      let others = live.count > 1 ? " and \(live.count - 1) more topics" : ""
      return
        "\(first.key)\(others) refused: \(PublishRefusal.words(reason)): \(PublishRefusal.advice(reason))"
    }
  }
}
