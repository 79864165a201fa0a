/// What a PUBACK or SUBACK of 0x80 or above says, in words.
package enum PublishRefusal {
  package static func words(_ reason: UInt8) -> String {
    switch reason {
    case 0x80: "unspecified error"
    case 0x83: "implementation specific error"
    case 0x87: "not authorized"
    case 0x8F: "topic filter invalid"
    case 0x90: "topic name invalid"
    case 0x91: "packet identifier in use"
    case 0x97: "quota exceeded"
    case 0x99: "payload format invalid"
    case 0x9E: "shared subscriptions not supported"
    case 0xA1: "subscription identifiers not supported"
    case 0xA2: "wildcard subscriptions not supported"
    default: "reason 0x\(String(reason, radix: 16))"
    }
  }
}
