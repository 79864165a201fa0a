import Mosquitto

/// The limits that the broker announced when it accepted the connection.
struct LimitProbe: BrokerProbe {
  let connection: Connection

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let limits = connection.serverLimits
    var findings: [Finding] = []
    if limits.maximumQoS == 0 {
      findings.append(
        Finding(
          .error, "limits", "the broker allows QoS 0 only: what is under way in a crash would be lost",
          advice: "set max_qos 1 or 2"))
    }
    if limits.retainAvailable == false {
      findings.append(
        Finding(
          .error, "limits", "the broker keeps no retained messages: panels would start empty",
          advice: "set retain_available true"))
    }
    if let maximum = limits.maximumPacketBytes, maximum < 262_144 + 1024 {
      findings.append(
        Finding(
          .warning, "limits",
          "the broker takes packets of at most \(maximum) bytes; an array of events may have 256 KiB",
          advice: "set max_packet_size 300000 or more, or let cameras send smaller arrays"))
    }
    return findings.isEmpty
      ? [
        Finding(
          .ok, "limits",
          "QoS 1, retained messages, packets of 256 KiB; \(unseen(limits.maximumPacketBytes))")
      ] : findings
  }

  /// What happens to messages that are too large for the bridge.
  private func unseen(_ maximum: UInt32?) -> String {
    let ours = ConnectionSettings(host: "", port: 0, clientID: "").maximumPacketBytes
    return maximum.map { $0 <= ours } == true
      ? "what is larger than \(maximum ?? 0) bytes the broker refuses, its sender is told"
      : "what is larger than \(ours >> 20) MiB the broker drops before it reaches the bridge, and no count tells "
        + "(max_packet_size \(ours) would tell its sender)"
  }
}
