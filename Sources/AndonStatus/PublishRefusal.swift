/// Why a broker or libmosquitto refused one publication or subscription: MQTT 5 reason codes (2.4), 0x80 and
/// above.
package enum PublishRefusal {
  package static func words(_ reason: UInt8) -> String {
    switch reason {
    case 0x80: "unspecified error"
    case 0x81: "malformed packet"
    case 0x82: "protocol error"
    case 0x83: "implementation specific error"
    case 0x87: "not authorized"
    case 0x8F: "topic filter invalid"
    case 0x90: "topic name invalid"
    case 0x91: "packet identifier in use"
    case 0x94: "topic alias invalid"
    case 0x95: "packet too large"
    case 0x97: "quota exceeded"
    case 0x99: "payload format invalid"
    case 0x9A: "retain not supported"
    case 0x9B: "QoS not supported"
    case 0x9E: "shared subscriptions not supported"
    case 0xA1: "subscription identifiers not supported"
    case 0xA2: "wildcard subscriptions not supported"
    case closesConnection: "the broker closes the connection for it"
    default: "reason 0x\(String(reason, radix: 16))"
    }
  }

  /// What to check.
  package static func advice(_ reason: UInt8) -> String {
    switch reason {
    case 0x95: "raise the broker's limit (Mosquitto: max_packet_size, message_size_limit)"
    case 0x97: "check the broker's quota"
    case 0x9A, 0x9B: "let the broker take retained messages and QoS 1"
    case 0x80, 0x87: "check the broker's ACL"
    default: "check the broker's log"
    }
  }

  /// Not an MQTT code: the broker closed the connection without a reason whenever this publication was sent
  /// alone.
  package static let closesConnection: UInt8 = 0xFF

  /// Whether another payload on the same topic may be accepted.
  package static func isAboutPayload(_ reason: UInt8) -> Bool { [0x81, 0x82, 0x95, 0x99].contains(reason) }

  /// Whether a DISCONNECT with this reason is about a publication (MQTT 5, 3.14.2.1).
  package static func endsConnection(_ reason: Int32) -> Bool {
    [0x81, 0x82, 0x90, 0x94, 0x95, 0x99, 0x9A, 0x9B].contains(reason)
  }
}
