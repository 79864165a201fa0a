import Mosquitto

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

  /// The broker closed the connection, in contrast to one that was silent until the keep-alive ran out.
  package var isClosedByPeer: Bool { reason == MosquittoError.connectionLost || reason >= 0x80 }

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
