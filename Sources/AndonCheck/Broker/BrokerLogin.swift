import AndonConfiguration
import AndonCore
import AndonStatus
import Mosquitto

/// The connection that the probes publish on, and what opening it showed: whether the broker answers, encrypts
/// and lets the bridge's user in.
struct BrokerLogin {
  /// Nil when the broker could not be reached or refused the user.
  private(set) var client: CheckClient?
  private(set) var findings: [Finding] = []

  /// Connects. Blocks for a few seconds at most.
  init(_ context: BrokerProbeContext) {
    let broker = context.settings.broker
    do {
      let client = try CheckClient(context.connection("check"))
      let (_, reason) = try client.connect()
      guard reason == 0 else {
        findings.append(
          Finding(
            .error, "login", "\(RefusedConnection(reason: reason))",
            advice: "check broker.username, broker.password_file and the broker's password file"))
        return
      }
      let address = broker.unixSocketPath ?? "\(broker.host):\(broker.port)"
      findings.append(Finding(.ok, "broker", "\(address) answers, MQTT 5"))
      findings += Self.encryption(of: client.connection, context)
      findings.append(Self.user(context))
      self.client = client
    } catch {
      let other = OtherPorts(host: broker.host, besides: broker.port).advice(context.plan.usualPorts)
      findings.append(
        Finding(
          .error, "broker", "\(error)",
          advice: other
            + (broker.tls == nil
              ? "check broker.url, the network and whether the broker runs; a broker that speaks TLS needs mqtts://"
              : "check broker.url, broker.tls.ca_file, the certificate's dates and the name it was made for"))
      )
    }
  }

  private static func user(_ context: BrokerProbeContext) -> Finding {
    let broker = context.settings.broker
    let user = broker.username.map { "as \"\($0)\"" } ?? "anonymously"
    return broker.username == nil && broker.tls?.certFile == nil
      ? Finding(
        .warning, "login", "logged in \(user): whoever reaches the broker can do what the bridge can",
        advice: "give the bridge a user of its own and set allow_anonymous false")
      : Finding(.ok, "login", "logged in \(user)")
  }

  private static func encryption(of connection: Connection, _ context: BrokerProbeContext) -> [Finding] {
    let broker = context.settings.broker
    guard broker.tls != nil else {
      let isLocal = ["127.0.0.1", "::1", "localhost"].contains(broker.host) || broker.port == 0
      return isLocal
        ? []
        : [
          Finding(
            .warning, "tls", "the connection is not encrypted: passwords and events can be read on the way",
            advice: "use mqtts:// with broker.tls.ca_file")
        ]
    }
    guard let validity = connection.certificateValidity else {
      return [Finding(.ok, "tls", "encrypted, certificate and host name verified")]
    }
    let days = (validity.toSeconds - context.nowMs / 1000) / 86_400
    let until = CivilTime.text(epochMs: validity.toSeconds * 1000).prefix(10)
    return [
      days < 30
        ? Finding(
          .warning, "tls", "the broker's certificate expires on \(until), in \(days) days",
          advice: "renew it now")
        : Finding(.ok, "tls", "encrypted, certificate and host name verified; valid until \(until)")
    ]
  }
}
