/// One key of the configuration: everything that the parser, the environment and the docs need to know of it.
package struct SettingKey: Sendable {
  /// How the value is written.
  package enum Kind: Sendable {
    case text, identifier, topic, flag
    /// A number with a unit, kept in milliseconds.
    case duration(ClosedRange<Int64>)
    /// A fraction 0…1, kept in millionths.
    case fraction
    case integer(ClosedRange<Int64>)
    /// Some of these words.
    case words([String])
  }

  package var path: String
  package var kind: Kind
  /// As it would be written; nil when the key may be absent.
  package var defaultText: String?
  package var help: String

  /// The variable that overrides it, e.g. `ANDON_BROKER_URL`.
  package var variable: String {
    "ANDON_" + path.uppercased().replacing(".", with: "_")
  }

  private static let anyTime: ClosedRange<Int64> = 0...366 * 86_400_000

  package static let all: [SettingKey] = [
    .init(
      path: "bridge.id", kind: .identifier, defaultText: "bridge-01",
      help: "Names this process: MQTT client ids and status topics carry it."),
    .init(
      path: "bridge.data_dir", kind: .text, defaultText: "./data",
      help: "Folder of the sites' files; relative to the working directory."),
    .init(
      path: "broker.url", kind: .text, defaultText: "mqtt://127.0.0.1:1883",
      help: "mqtt://host[:1883] or mqtts://host[:8883]."),
    .init(path: "broker.username", kind: .text, help: "The bridge's user at the broker."),
    .init(
      path: "broker.password_file", kind: .text,
      help: "File with the password; or the variable ANDON_BROKER_PASSWORD."),
    .init(
      path: "broker.tls.ca_file", kind: .text,
      help: "The authority that signed the broker's certificate (PEM)."),
    .init(path: "broker.tls.cert_file", kind: .text, help: "The bridge's own certificate (PEM)."),
    .init(path: "broker.tls.key_file", kind: .text, help: "The key to it (PEM)."),
    .init(
      path: "broker.session_expiry", kind: .duration(60_000...366 * 86_400_000), defaultText: "7d",
      help: "How long the broker keeps what arrives while the bridge is away."),
    .init(
      path: "broker.keep_alive", kind: .duration(5000...3_600_000), defaultText: "30s",
      help: "MQTT keep alive: a dead connection is noticed after one and a half times that."),
    .init(path: "topics.root", kind: .topic, defaultText: "andon/v1", help: "What all topics begin with."),
    .init(
      path: "topics.scalar_tags", kind: .flag, defaultText: "false",
      help: "Also publish each figure as a bare scalar on a topic of its own."),
    .init(
      path: "http.listen", kind: .text, defaultText: "127.0.0.1:8080",
      help: "host:port of the status endpoint, or off."),
    .init(
      path: "http.token_file", kind: .text, help: "File with the bearer token; required beyond loopback."),
    .init(
      path: "ingest.min_confidence", kind: .fraction, defaultText: "0.70",
      help: "Events below it are stored and feed drift, but stay out of KPIs."),
    .init(
      path: "ingest.state_timeout", kind: .duration(1000...86_400_000), defaultText: "10m",
      help: "A state holds that long after the last sign of life."),
    .init(
      path: "ingest.max_age", kind: .duration(60_000...366 * 86_400_000), defaultText: "7d",
      help: "Older events are rejected."),
    .init(
      path: "ingest.max_future", kind: .duration(anyTime), defaultText: "60s",
      help: "Events further ahead of the bridge's clock are rejected."),
    .init(
      path: "ingest.assume_utc", kind: .flag, defaultText: "false",
      help: "Take a timestamp without a zone for UTC."),
    .init(
      path: "kpi.publish_interval", kind: .duration(100...3_600_000), defaultText: "5s",
      help: "KPI topics change at most that often."),
    .init(
      path: "kpi.windows", kind: .words(["hour", "shift", "day"]), defaultText: "[hour, shift, day]",
      help: "The windows that are published."),
    .init(
      path: "kpi.lateness", kind: .duration(anyTime), defaultText: "24h",
      help: "Reserved: how late an event may still re-publish a closed window."),
    .init(
      path: "drift.window", kind: .integer(2...10_000), defaultText: "100",
      help: "Samples in the rolling mean."),
    .init(path: "drift.limit", kind: .fraction, defaultText: "0.75", help: "A mean below it is low."),
    .init(
      path: "drift.clear_limit", kind: .fraction, defaultText: "0.78",
      help: "A mean at or above it is well again."),
    .init(
      path: "drift.on_delay", kind: .duration(anyTime), defaultText: "1h",
      help: "A low mean must last longer than that before it is an alert; 0s at once."),
    .init(
      path: "drift.gap_credit", kind: .duration(1000...86_400_000), defaultText: "10m",
      help: "What a gap between two samples counts at most."),
    .init(
      path: "drift.clear_delay", kind: .duration(anyTime), defaultText: "30m",
      help: "The mean must be well that long before the alert clears."),
    .init(
      path: "limits.workers", kind: .integer(1...1_000_000), defaultText: "10000",
      help: "Distinct workers of a site; more are rejected as cardinality."),
    .init(
      path: "limits.workstations", kind: .integer(1...1_000_000), defaultText: "10000",
      help: "Distinct workstations of a site."),
    .init(
      path: "limits.cameras", kind: .integer(1...100_000), defaultText: "1000",
      help: "Distinct cameras of a site."),
    .init(
      path: "limits.model_versions", kind: .integer(1...100_000), defaultText: "256",
      help: "Distinct model versions of a site."),
    .init(
      path: "limits.batch_messages", kind: .integer(1...65_535), defaultText: "2048",
      help: "Messages in one commit at most."),
    .init(
      path: "limits.batch_bytes", kind: .integer(1_048_576...268_435_456), defaultText: "8388608",
      help: "Bytes of messages in one commit at most."),
    .init(
      path: "limits.quarantine_rows", kind: .integer(100...10_000_000), defaultText: "100000",
      help: "Rejected events kept; the oldest make room, counted."),
  ]

  /// The sections that a site may deviate in.
  static let siteSections: Set<String> = ["ingest", "kpi", "drift", "limits"]

  static func named(_ path: String) -> SettingKey? { all.first { $0.path == path } }

  init(path: String, kind: Kind, defaultText: String? = nil, help: String) {
    self.path = path
    self.kind = kind
    self.defaultText = defaultText
    self.help = help
  }
}
