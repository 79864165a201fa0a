import AndonCore
import AndonPublish
import AndonStatus
import Mosquitto

/// Lets Sparkplug messages through to the connection, and keeps the sequence numbers without a hole when one is
/// refused: a hole would make every host ask for everything anew, again and again.
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
  /// The largest message of this connection: the one that a DISCONNECT for size means.
  private(set) var largest: Publication?
  /// Messages since the node's birth that were not sent.
  private var skipped: UInt8 = 0
  /// Devices whose birth was refused: their data would make a host ask for it.
  private var unborn: Set<Substring> = []

  mutating func disconnected() { (largest, skipped, unborn) = (nil, 0, []) }

  /// Sends it. Returns why not, where it was refused alone.
  ///
  /// - Throws: what ends the connection, a refused birth of the node included.
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
