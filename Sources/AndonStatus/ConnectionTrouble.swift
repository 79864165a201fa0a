import Mosquitto

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

/// An established connection ended.
package struct LostConnection: Error, CustomStringConvertible {
  package let reason: Int32
  package let text: String

  package init(reason: Int32, text: String) {
    self.reason = reason
    self.text = text
  }

  /// MQTT 5 reason 0x8E: another client took over this client id.
  var isTakeOver: Bool { reason == 0x8E }

  /// MOSQ_ERR_MALFORMED_UTF8: the library received a text that MQTT 5, 1.5.4 lets a receiver refuse.
  var isMalformedText: Bool { reason == MosquittoError.malformedText }

  package var description: String {
    if isMalformedText {
      return
        "the broker passed on a text with a control character (in a topic, response topic or user property): "
        + "the client library ends the connection before such a message can be acknowledged, so it comes again and "
        + "nothing behind it gets through; let the broker refuse such names (EMQX: mqtt.strict_mode = true), find "
        + "the client that publishes them, and remove the message or this session from the broker"
    }
    return isTakeOver
      ? "another client took over this client id: is a second bridge running with the same bridge.id?"
      : "the connection was lost: \(text)"
  }
}

/// The broker granted less than a subscription asked for.
package struct RefusedSubscription: Error, CustomStringConvertible {
  package struct Refusal: Sendable, Equatable {
    package let filter: String
    /// The requested QoS.
    package let asked: UInt8
    /// The granted QoS, or the reason of a refusal (≥ 0x80).
    package let granted: UInt8

    package var words: String {
      granted >= 0x80
        ? "the broker refused to let us read \(filter) with QoS \(asked) (\(PublishRefusal.words(granted))): check "
          + "its ACL, it needs \"topic read \(filter)\""
        : "the broker granted only QoS \(granted) for \(filter), QoS \(asked) was asked for: what comes while the bridge "
          + "is away would be lost; allow QoS \(asked) (mosquitto: max_qos)"
    }
  }

  package let refusals: [Refusal]

  /// What one SUBACK refused; nil when it granted all. A missing code grants nothing.
  package init?(_ filters: [String], asked: UInt8, granted: [UInt8]) {
    refusals = filters.enumerated().compactMap { index, filter in
      let code = index < granted.count ? granted[index] : 0x80
      guard code >= 0x80 || code < asked else { return nil }
      return Refusal(filter: filter, asked: asked, granted: code)
    }
    if refusals.isEmpty { return nil }
  }

  package var description: String { refusals.map(\.words).joined(separator: "; ") }
}
