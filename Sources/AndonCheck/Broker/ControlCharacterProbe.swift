import AndonConfiguration
import AndonCore
import Mosquitto

/// Whether the broker passes on messages that would end a site's connection.
struct ControlCharacterProbe: BrokerProbe {
  /// An open connection to the broker.
  let connection: Connection

  func run(_ context: BrokerProbeContext) -> [Finding] {
    let settings = context.settings
    let advice =
      "EMQX: mqtt.strict_mode = true; one such message ends a site's ingest until it is removed, see docs/operations.md"
    guard settings.broker.tls == nil, let socket = connection.socket else {
      return [
        Finding(
          .ok, "text", "whether the broker passes on names with control characters is not tried over TLS",
          advice: advice)
      ]
    }
    let trial = ControlCharacterTrial(
      clientID: "andon-\(settings.bridge.id)-check-text", username: settings.broker.username,
      password: context.password,
      topic: "\(settings.topics.root)/_bridge/\(settings.bridge.id)/check")
    switch trial.ask(sameAs: socket) {
    case .refused:
      return [Finding(.ok, "text", "the broker refuses topics with control characters")]
    case .passedOn:
      return [
        Finding(.warning, "text", "the broker passes on topics with control characters", advice: advice)
      ]
    case .unknown:
      return [
        Finding(
          .ok, "text",
          "whether the broker passes on names with control characters cannot be told: the bridge may not read its own "
            + "topics", advice: advice)
      ]
    }
  }
}
