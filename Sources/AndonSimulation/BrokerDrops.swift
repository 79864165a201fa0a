import AndonIngest
import Mosquitto

/// What Mosquitto says of messages that it dropped because a queue was full, read while one publishes.
struct BrokerDrops {
  /// Its count, and its uptime, which is news at every interval even when nothing was dropped.
  static let filters = [IngestBatch.brokerDroppedTopic, IngestBatch.brokerUptimeTopic]
  private var first: Int64?
  private var latest: Int64?
  /// How often it said anything new.
  private(set) var news = 0

  /// Whether it publishes such counts to us at all.
  private(set) var isTold = false

  /// Since the first word; a count that it never published is 0. Nil when it tells nothing.
  var sinceStart: Int64? {
    guard isTold else { return nil }
    return max(0, (latest ?? 0) - (first ?? 0))
  }

  mutating func read(_ batch: MessageBatch) {
    for index in 0..<batch.count {
      batch.withMessage(at: index) { topic, payload, isRetained in
        var text: [UInt8] = []
        for position in 0..<min(payload.count, 40) { text.append(payload[position]) }
        read(topic, String(decoding: text, as: UTF8.self), isRetained: isRetained)
      }
    }
  }

  private mutating func read(_ topic: String, _ text: String, isRetained: Bool) {
    guard let number = text.split(separator: " ").first.flatMap({ Int64($0) }) else { return }
    switch topic {
    case IngestBatch.brokerUptimeTopic:
      isTold = true
      if !isRetained { news += 1 }
    case IngestBatch.brokerDroppedTopic:
      latest = number
      // The retained count is the one of before; a count that first comes later began at 0.
      if first == nil { first = isRetained ? number : 0 }
    default: break
    }
  }
}
