import AndonCore
import AndonPublish
import AndonStatus
import Mosquitto

/// Sends Sparkplug messages and keeps the sequence numbers without a gap when one is refused: a gap would
/// make every host ask for a rebirth again and again.
struct SparkplugGate {
  struct Refusal {
    var topic: String
    var bytes: Int
    var reason: UInt8
  }

  /// The node's own birth cannot be sent: without it no host accepts anything.
  struct RefusedBirth: Error, CustomStringConvertible {
    var refusal: Refusal
    var description: String {
      "NBIRTH of \(refusal.bytes) bytes refused: \(PublishRefusal.words(refusal.reason)): "
        + PublishRefusal.advice(refusal.reason)
    }
  }

  var memory = RefusalMemory()
  /// The largest message of this connection: the one that a DISCONNECT because of size refers to.
  private(set) var largest: Publication?
  /// Messages since the node's birth that were not sent.
  private var skipped: UInt8 = 0
  /// Devices whose birth was refused: their data would make a host ask for a rebirth.
  private var unborn: Set<Substring> = []

  mutating func disconnected() { (largest, skipped, unborn) = (nil, 0, []) }

  /// Sends a message. Returns the refusal if only this message was refused.
  ///
  /// - Throws: errors that end the connection, including a refused birth of the node.
  mutating func send(_ message: SparkplugMessage, over connection: Connection) throws -> Refusal? {
    if message.verb == .nodeBirth { (skipped, unborn) = (0, []) }
    let device = message.topic.split(separator: "/").last ?? ""
    if message.verb == .deviceData || message.verb == .deviceDeath, unborn.contains(device) {
      skipped &+= 1
      return nil
    }
    var payload = message.payload
    payload.sequence = payload.sequence.map { $0 &- skipped }
    let publication = Publication(topic: message.topic, payload: payload.encoded(), qos: 0)
    var reason = memory.refusal(of: publication)
    if reason == nil {
      do {
        try connection.publish(publication)
        if publication.packetBytes > largest?.packetBytes ?? 0 { largest = publication }
        return nil
      } catch {
        reason = error.publicationRefusal
        if reason == nil { throw error }
      }
    }
    skipped &+= 1
    let refusal = Refusal(topic: message.topic, bytes: publication.packetBytes, reason: reason ?? 0)
    if message.verb == .nodeBirth { throw RefusedBirth(refusal: refusal) }
    if message.verb == .deviceBirth { unborn.insert(device) }
    return refusal
  }
}
