package import Mosquitto

/// Publications that ended a connection and are not sent for a while: single topics, or all packets from a
/// size on.
///
/// Refusals by the library or by a PUBACK are not remembered here: they cost nothing to try again.
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

  /// Remembers that a publication made the broker end the connection. `nowMs` is monotonic.
  package mutating func record(_ publication: Publication, reason: UInt8, nowMs: Int64) {
    let untilMs = nowMs + Self.lengthMs
    if reason == 0x95 {
      tooLarge = (min(publication.packetBytes, tooLarge?.bytes ?? .max), untilMs)
      if publication.retain { waiting.insert(publication.topic) }
    } else {
      penalties[publication.topic] = Penalty(reason: reason, untilMs: untilMs)
    }
  }

  /// The reason not to send it now; nil when it may be sent.
  package mutating func refusal(of publication: Publication) -> UInt8? {
    if let tooLarge, publication.packetBytes >= tooLarge.bytes {
      if publication.retain { waiting.insert(publication.topic) }
      return 0x95
    }
    guard !penalties.isEmpty else { return nil }
    return penalties[publication.topic]?.reason
  }

  /// Removes what expired and returns the topics whose retained values may be tried again.
  package mutating func dequeueExpired(nowMs: Int64) -> [String] {
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
