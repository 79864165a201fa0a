import AndonCore

/// What the broker says of itself on one connection: since when it runs, and how many messages it dropped.
///
/// The count alone does not tell whether the broker restarted. Its uptime does, but the retained value may be one
/// interval old (`sys_interval` of Mosquitto, ten seconds): a count that follows one waits for the next value, which
/// is exact to a second. A persistent session may deliver a new count before anything retained; it waits as well. Only
/// a broker that answers the subscription with a count and without an uptime is not waited for.
package struct BrokerReport: Sendable {
  private var startedAtMs: Int64?
  private var hasOldUptime = false
  private var hasNoUptime = false
  private var waiting: Int64?

  /// The number that a topic of the broker's begins with; nil for what is no count.
  package static func number(in text: String) -> Int64? {
    guard let number = text.split(separator: " ").first.flatMap({ Int64($0) }), (0...1 << 40).contains(number)
    else { return nil }
    return number
  }

  /// Reads a message; values that are no number are ignored. Returns the count if it can be judged now, and when the
  /// broker started, epoch milliseconds.
  mutating func read(
    topic: String, text: String, isRetained: Bool, nowMs: Int64
  ) -> (dropped: Int64, startedAtMs: Int64?)? {
    guard let number = Self.number(in: text) else { return nil }
    if topic == IngestBatch.brokerUptimeTopic {
      guard !isRetained else {
        hasOldUptime = true
        return nil
      }
      startedAtMs = nowMs - number * 1000
    } else {
      waiting = number
      if isRetained, !hasOldUptime, startedAtMs == nil { hasNoUptime = true }
    }
    guard let dropped = waiting, startedAtMs != nil || hasNoUptime else { return nil }
    waiting = nil
    return (dropped, startedAtMs)
  }
}
