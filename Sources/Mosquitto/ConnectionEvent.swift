/// What happened on a connection besides messages, in order.
public enum ConnectionEvent: Sendable, Equatable {
  /// CONNACK. `reason` 0 is success; anything else is a refusal (MQTT 5, 3.2.2.2).
  case connected(sessionPresent: Bool, reason: UInt8)
  /// The connection ended, reported once: a broker's reason code (≥ 0x80) or the library's error, and its
  /// text, OpenSSL's included.
  case disconnected(reason: Int32, text: String)
  /// SUBACK: per filter the granted QoS, or ≥ 0x80 for a refusal.
  case subscribed(mid: Int32, granted: [UInt8])
  /// PUBACK of a QoS 1 publication (≥ 0x80 is a refusal, 0x10 means no subscribers), or a QoS 0 one that was
  /// written.
  case published(mid: Int32, reason: UInt8)
  /// The library's warnings, e.g. OpenSSL's text.
  case log(String)
}
