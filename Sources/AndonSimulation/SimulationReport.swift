/// The fate of a simulation's messages, as far as the broker reports it.
package struct SimulationReport: Sendable, Equatable {
  /// Acknowledged with success.
  package var acknowledged = 0
  /// The acknowledged messages without a subscriber (MQTT 5 reason 0x10).
  package var unheard = 0
  /// Acknowledged with a reason code that is an error.
  package var refused = 0
  /// Sent but not answered by the end.
  package var unacknowledged = 0
  /// Messages that the broker dropped meanwhile, of all clients; nil when it does not report them.
  package var dropped: Int64?
  /// Why it ended early.
  package var trouble: String?

  package init() {}

  /// Whether every message can be assumed to have arrived.
  package var isComplete: Bool {
    refused == 0 && unacknowledged == 0 && trouble == nil && (dropped ?? 0) == 0
  }

  /// For a person, one line for each fact.
  package var words: String {
    var lines = ["\(acknowledged) messages published and acknowledged"]
    if unheard > 0 {
      lines.append("\(unheard) of them had no subscriber: no session reads this site's events")
    }
    if refused > 0 { lines.append("\(refused) were refused by the broker: check its ACL and its quotas") }
    if unacknowledged > 0 {
      lines.append("\(unacknowledged) were sent and not acknowledged: they may be lost")
    }
    if let dropped, dropped > 0 {
      lines.append(
        "the broker dropped \(dropped) messages meanwhile, as a subscriber's queue was full: publish slower "
          + "(--speed 60), or raise max_queued_messages")
    }
    if dropped == nil, trouble == nil {
      lines.append("whether the broker dropped some is not known: it does not publish its count below $SYS")
    }
    if let trouble { lines.append("it ended early: \(trouble)") }
    return lines.joined(separator: "\n")
  }
}
