/// The broker refused a CONNECT.
package struct RefusedConnection: Error, CustomStringConvertible {
  /// The MQTT 5 reason code of the CONNACK.
  package let reason: UInt8

  package init(reason: UInt8) {
    self.reason = reason
  }

  package var description: String {
    let words =
      switch reason {
      case 0x80: "unspecified error"
      case 0x84: "it does not speak MQTT 5"
      case 0x85: "client identifier not valid"
      case 0x86: "user name or password is wrong"
      case 0x87: "not authorized"
      case 0x88: "server unavailable"
      case 0x89: "server busy"
      case 0x8A: "banned"
      case 0x9F: "connection rate exceeded"
      default: "see MQTT 5, 3.2.2.2"
      }
    return "the broker refused the connection: \(words) (reason 0x\(String(reason, radix: 16)))"
  }
}
