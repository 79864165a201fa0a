package import Mosquitto

/// What cost a connection and is not sent again for a while, as a value: a topic, or packets from a size on.
///
/// What the library or a PUBACK refuses costs nothing to try again and is not remembered here.
package struct RefusalMemory: Sendable {
  private struct Penalty {
    var reason: UInt8
    var untilMs: Int64
  }

  private var penalties: [String: Penalty] = [:]
  /// The smallest packet that the broker called too large without having announced a limit.
  private var tooLarge: (bytes: Int, untilMs: Int64)?
  /// Retained topics whose value was refused because of `tooLarge`.
  private var waiting: Set<String> = []
  package static let lengthMs: Int64 = 600_000

  package init() {}

  /// Remembers that a publication made the broker end the connection. Times are the monotonic clock's.
  package mutating func learn(_ publication: Publication, reason: UInt8, nowMs: Int64) {
    let untilMs = nowMs + Self.lengthMs
    if reason == 0x95 {
      tooLarge = (min(publication.packetBytes, tooLarge?.bytes ?? .max), untilMs)
      if publication.retain { waiting.insert(publication.topic) }
    } else {
      penalties[publication.topic] = Penalty(reason: reason, untilMs: untilMs)
    }
  }

  /// The reason not to send it now; nil when it may go.
  package mutating func refusal(of publication: Publication) -> UInt8? {
    if let tooLarge, publication.packetBytes >= tooLarge.bytes {
      if publication.retain { waiting.insert(publication.topic) }
      return 0x95
    }
    guard !penalties.isEmpty else { return nil }
    return penalties[publication.topic]?.reason
  }

  /// Forgets what is over and returns the topics whose retained values may be tried again.
  package mutating func takeExpired(nowMs: Int64) -> [String] {
    var topics: [String] = []
    if let tooLarge, nowMs >= tooLarge.untilMs {
      topics = Array(waiting)
      (self.tooLarge, waiting) = (nil, [])
    }
    for (topic, penalty) in penalties where nowMs >= penalty.untilMs {
      penalties[topic] = nil
      topics.append(topic)
    }
    return topics
  }
}
