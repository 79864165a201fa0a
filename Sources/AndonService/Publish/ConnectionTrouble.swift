/// The broker said no to a CONNECT.
struct RefusedConnection: Error, CustomStringConvertible {
  /// The MQTT 5 reason code of the CONNACK.
  let reason: UInt8

  var description: String {
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

/// An established connection ended.
struct LostConnection: Error, CustomStringConvertible {
  let reason: Int32
  let text: String

  /// MQTT 5 reason 0x8E: another client took over this client id.
  var isTakeOver: Bool { reason == 0x8E }

  var description: String {
    isTakeOver
      ? "another client took over this client id: is a second bridge running with the same bridge.id?"
      : "the connection was lost: \(text)"
  }
}

/// The broker refused a subscription.
struct RefusedSubscription: Error, CustomStringConvertible {
  let filters: [String]
  let codes: [UInt8]

  var description: String {
    let refused = zip(filters, codes).filter { $0.1 >= 0x80 }
    return refused.map {
      "the broker refused to let us read \($0.0) (reason 0x\(String($0.1, radix: 16))): check its ACL"
    }.joined(separator: "; ")
  }
}
