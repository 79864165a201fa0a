import AndonIngest
import Mosquitto

/// Mosquitto's count of messages that it dropped because a queue was full, read during a publication.
struct BrokerDrops {
  /// The count and the uptime. The uptime is published at every interval, even when nothing was dropped.
  static let filters = [IngestBatch.brokerDroppedTopic, IngestBatch.brokerUptimeTopic]
  private var first: Int64?
  private var latest: Int64?
  /// How many live reports of the uptime arrived.
  private(set) var news = 0

  /// Whether the broker publishes such counts to us at all.
  private(set) var isTold = false

  /// Dropped messages since the first report; a count that was never published is 0. Nil without any report.
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
    guard let number = BrokerReport.number(in: text) else { return }
    switch topic {
    case IngestBatch.brokerUptimeTopic:
      isTold = true
      if !isRetained { news += 1 }
    case IngestBatch.brokerDroppedTopic:
      latest = number
      // The retained count is an earlier one; a count that first arrives live began at 0.
      if first == nil { first = isRetained ? number : 0 }
    default: break
    }
  }
}
