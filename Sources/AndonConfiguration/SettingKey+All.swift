extension SettingKey {
  private static let second: Int64 = 1000
  private static let minute: Int64 = 60_000
  private static let hour: Int64 = 3_600_000
  private static let year: Int64 = 366 * 86_400_000

  /// Every key outside `sites`, by section: the only place with names, units, bounds and defaults.
  package static let all: [SettingKey] =
    bridge + broker + topics + sparkplug + integration + http + notify + ingest + privacy + kpi + stops
    + store + drift + alarms + limits + central

  private static let bridge: [SettingKey] = [
    .init(
      path: "bridge.id", kind: .identifier, defaultText: "bridge-01",
      help: "Names this process: MQTT client ids and status topics carry it."),
    .init(
      path: "bridge.data_dir", kind: .text, defaultText: "./data",
      help: "Folder of the sites' files; a relative one counts from the working directory."),
  ]

  private static let broker: [SettingKey] = [
    .init(
      path: "broker.url", kind: .text, defaultText: "mqtt://127.0.0.1:1883",
      help: "mqtt://host:port (1883), mqtts://host:port (8883) for TLS, or mqtt+unix:///path of a socket."),
    .init(path: "broker.username", kind: .text, help: "The bridge's user at the broker."),
    .init(
      path: "broker.password_file", kind: .text,
      help: "File with the password; or put the password into the variable ANDON_BROKER_PASSWORD."),
    .init(
      path: "broker.tls.ca_file", kind: .text,
      help: "The authority that signed the broker's certificate (PEM)."),
    .init(
      path: "broker.tls.cert_file", kind: .text,
      help: "The bridge's own certificate (PEM); together with key_file."),
    .init(path: "broker.tls.key_file", kind: .text, help: "The key to cert_file (PEM)."),
    .init(
      path: "broker.session_expiry", kind: .duration(minute...year, stepMs: second), defaultText: "7d",
      help: "How long the broker keeps what arrives while the bridge is away."),
    .init(
      path: "broker.keep_alive", kind: .duration(5 * second...hour, stepMs: second), defaultText: "30s",
      help: "MQTT keep alive: a dead connection is noticed after one and a half times that."),
  ]

  private static let topics: [SettingKey] = [
    .init(path: "topics.root", kind: .topic, defaultText: "andon/v1", help: "What all topics begin with."),
    .init(
      path: "topics.scalar_tags", kind: .flag, defaultText: "false",
      help: "Also publish each figure as a bare scalar on a topic of its own."),
  ]

  private static let sparkplug: [SettingKey] = [
    .init(
      path: "sparkplug.enabled", kind: .flag, defaultText: "false",
      help: "Also publish Sparkplug B payloads: each site is a group, the bridge its edge node."),
    .init(
      path: "sparkplug.primary_host", kind: .identifier,
      help: "Publish them only while this Sparkplug host application says that it is online."),
  ]

  private static let integration: [SettingKey] = [
    .init(
      path: "uns.enterprise", kind: .identifier,
      help:
        "Also publish the figures in a unified namespace: this is its first level, the site, area, line and "
        + "workstation are the next."),
    .init(
      path: "discovery.home_assistant", kind: .flag, defaultText: "false",
      help: "Describe sites, lines, workstations and cameras for Home Assistant's MQTT discovery."),
    .init(
      path: "discovery.prefix", kind: .topic, defaultText: "homeassistant",
      help: "Home Assistant's discovery prefix."),
  ]

  private static let http: [SettingKey] = [
    .init(
      path: "http.listen", kind: .text, defaultText: "127.0.0.1:8080",
      help: "host:port of the status endpoint (port 0: the system chooses one), or off."),
    .init(
      path: "http.public_url", kind: .text,
      help:
        "Where people reach the dashboard, e.g. https://andon.plant.example: alerts and pages then carry a link to it."
    ),
    .init(
      path: "http.token_file", kind: .text,
      help:
        "File with the bearer token. Every request that writes needs it, and so does every request where other machines can "
        + "reach the listener."),
    .init(
      path: "http.token_for_reads", kind: .flag, defaultText: "false",
      help: "Ask for the token for reading, too, also on a loopback listener."),
    .init(
      path: "http.allow_without_token", kind: .flag, defaultText: "false",
      help:
        "Let other machines read without a token; without one nothing can be written. For networks whose every "
        + "user may see the figures."),
    .init(
      path: "http.users_file", kind: .text,
      help:
        "File with the users, their roles and sites, which `andon user` writes. With it every request needs a user or "
        + "the token: docs/access.md."),
    .init(
      path: "http.oidc.issuer", kind: .text,
      help: "Accept bearer tokens (JWT) of this identity provider: the claim `iss`. docs/access.md."),
    .init(path: "http.oidc.audience", kind: .text, help: "What must be in the claim `aud`."),
    .init(
      path: "http.oidc.jwks_file", kind: .text,
      help: "File with the provider's public keys (JWKS); this or jwks_url."),
    .init(
      path: "http.oidc.jwks_url", kind: .text,
      help:
        "Address of the provider's public keys, https. Asked again for an unknown key, at most once a minute."
    ),
    .init(
      path: "http.oidc.role_claim", kind: .text, defaultText: "andon_role",
      help: "The claim with the role: a text, or a list that has exactly one role of Andon's."),
    .init(
      path: "http.oidc.sites_claim", kind: .text,
      help: "The claim with the sites: a list, or `all`. Not set: all sites."),
    .init(
      path: "http.oidc.user_claim", kind: .text, defaultText: "sub", help: "The claim with the user's name."),
    .init(
      path: "http.trusted_proxy.addresses", kind: .list(of: .address),
      help:
        "Proxies that authenticate users and name them in headers. They must remove these headers from what clients send."
    ),
    .init(
      path: "http.trusted_proxy.user_header", kind: .text, defaultText: "X-Remote-User",
      help: "The header with the user's name."),
    .init(
      path: "http.trusted_proxy.role_header", kind: .text, defaultText: "X-Remote-Role",
      help: "The header with the role. Without it the role and sites are those of http.users_file."),
    .init(
      path: "http.session_idle", kind: .duration(minute...(24 * hour)), defaultText: "1h",
      help: "A user who did nothing for that long must log in again."),
    .init(
      path: "http.session_lifetime", kind: .duration(minute...(720 * hour)), defaultText: "12h",
      help: "After that a user must log in again in any case."),
    .init(
      path: "http.cert_file", kind: .text,
      help: "The listener's certificate chain (PEM): makes it https; together with http.key_file."),
    .init(path: "http.key_file", kind: .text, help: "The key to http.cert_file (PEM)."),
    .init(
      path: "http.allow", kind: .list(of: .address),
      help: "Only these clients get an answer; none listed means all. Loopback is always let in."),
    .init(
      path: "http.hosts", kind: .list(of: .host),
      help:
        "Names that a request may call the listener by (its Host header), beside loopback names and the listen "
        + "address. None listed: on a loopback address only those are answered, elsewhere any name is."),
    .init(
      path: "http.cors_origins", kind: .list(of: .origin),
      help: "Web pages of these origins may use the API from a browser."),
    .init(
      path: "http.rate_limit", kind: .integer(0...100_000, unit: "requests a second"), defaultText: "200",
      help: "Of one client, four times that in a burst; 0 sets no limit."),
    .init(
      path: "http.max_body", kind: .integer(1024...16_777_216, unit: "bytes"), defaultText: "262144",
      help: "Of one request; a longer one is refused."),
    .init(
      path: "http.max_connections", kind: .integer(8...65_535, unit: "connections"), defaultText: "2048",
      help: "At one time; further ones may only ask for /healthz and /readyz."),
    .init(
      path: "http.max_connections_per_client", kind: .integer(1...65_535, unit: "connections"),
      defaultText: "1024",
      help: "Of one address at one time; further ones may only ask for /healthz and /readyz."),
    .init(
      path: "http.max_streams", kind: .integer(0...10_000, unit: "streams"), defaultText: "256",
      help: "Clients of the event stream at one time."),
    .init(
      path: "http.idle_timeout", kind: .duration(second...hour), defaultText: "60s",
      help: "A connection without a request is closed after that."),
    .init(
      path: "http.request_timeout", kind: .duration(second...hour), defaultText: "15s",
      help: "A request must have arrived, and a reader must go on reading, within that."),
  ]

  private static let notify: [SettingKey] = [
    .init(
      path: "notify.heartbeat.url", kind: .text,
      help:
        "A dead-man's switch: the bridge calls this address (https or http, GET) while it is ready, and is silent "
        + "otherwise."),
    .init(
      path: "notify.heartbeat.url_file", kind: .text,
      help: "File with that address, where the address itself is a secret."),
    .init(
      path: "notify.heartbeat.every", kind: .duration(10 * second...hour), defaultText: "60s",
      help: "How often."),
    .init(
      path: "notify.heartbeat.ca_file", kind: .text,
      help: "The authority that signed the switch's certificate (PEM); without it, those of the system."),
  ]

  private static let ingest: [SettingKey] = [
    .init(
      path: "ingest.min_confidence", kind: .fraction, defaultText: "0.70",
      help: "Events below it are stored and feed drift, but stay out of KPIs."),
    .init(
      path: "ingest.state_timeout", kind: .duration(second...24 * hour), defaultText: "10m",
      help: "A state holds that long after the last sign of life; then the worker counts as absent."),
    .init(
      path: "ingest.max_age", kind: .duration(minute...year), defaultText: "7d",
      help: "Older events are rejected."),
    .init(
      path: "ingest.max_future", kind: .duration(0...year), defaultText: "60s",
      help: "Events further ahead of the bridge's clock are rejected."),
    .init(
      path: "ingest.assume_utc", kind: .flag, defaultText: "false",
      help: "Take a timestamp without a zone for UTC instead of rejecting it."),
  ]

  private static let privacy: [SettingKey] = [
    .init(
      path: "privacy.workers", kind: .word(["named", "pseudonym", "off"]), defaultText: "named",
      help:
        "named: workers' ids as cameras send them. pseudonym: an id that only says that it is the same worker, until "
        + "the next rotation. off: the same, and no figures or events of workers are shown or published."),
    .init(
      path: "privacy.rotate", kind: .word(["shift", "day", "week", "never"]), defaultText: "shift",
      help:
        "When workers get new pseudonyms, by the site's wall clock: where a shift begins, at midnight, on Mondays. "
        + "never only with pseudonym."),
    .init(
      path: "privacy.min_group", kind: .integer(1...1000, unit: "workers"), defaultText: "1",
      help:
        "Figures of a workstation, line, area or site with fewer workers in the window are withheld; 1 withholds none."
    ),
    .init(
      path: "privacy.ranking", kind: .flag, defaultText: "false",
      help: "Workers in the order of their figures on the dashboard; not with off."),
    .init(
      path: "privacy.key_file", kind: .text,
      help:
        "File of the keys that pseudonyms are made with, for the bridge alone to read; it must not get into backups. "
        + "Default: privacy.key in data_dir."),
  ]

  private static let kpi: [SettingKey] = [
    .init(
      path: "kpi.publish_interval", kind: .duration(100...hour), defaultText: "5s",
      help: "A KPI topic changes at most that often."),
    .init(
      path: "kpi.windows", kind: .words(["hour", "shift", "day"]), defaultText: "[hour, shift, day]",
      help: "The windows that are published; shift only where shifts are listed."),
    .init(
      path: "kpi.lateness", kind: .duration(0...year), defaultText: "24h",
      help: "An event that is not later than this publishes the closed windows it corrects again."),
    .init(
      path: "kpi.min_coverage", kind: .integer(0...100, unit: "percent"), defaultText: "50",
      help: "Figures of less coverage than that have quality 64, uncertain; 0 calls none so."),
  ]

  private static let stops: [SettingKey] = [
    .init(
      path: "stops.min", kind: .duration(second...hour), defaultText: "3m",
      help:
        "A workstation at which no worker works for longer than that, in planned time, has a stop; until then it is a "
        + "micro-stop."),
    .init(
      path: "stops.ask_after", kind: .duration(second...24 * hour), defaultText: "5m",
      help: "A stop that is longer and has no reason asks for one, where `stops.reasons` lists any."),
  ]

  private static let store: [SettingKey] = [
    .init(
      path: "store.retention", kind: .duration(24 * hour...100 * year, stepMs: minute), defaultText: "400d",
      help:
        "What is older is deleted, a little at a time. A duration holds for everything; a section of the keys below says "
        + "how long for each purpose."),
    purpose(
      "events", "Events, and figures of any range; at least a day longer than ingest.max_age."),
    purpose(
      "worker_figures", "Final figures of workers: of closed hours, shifts and days whose events are deleted."
    ),
    purpose(
      "figures",
      "Final figures of workstations, lines, areas and the site; also hours of cameras, results of shifts and reasons "
        + "of stops."
    ),
    purpose("quarantine", "Rejected input."),
    purpose("alarms", "The journal of alarms, verdicts, episodes and gaps."),
    purpose("people_names", "Names of people beside what they decided; what they decided stays."),
    purpose("access_log", "Who looked at workers' figures."),
  ]

  private static func purpose(_ name: String, _ help: String) -> SettingKey {
    SettingKey(
      path: "store.retention.\(name)", kind: .duration(24 * hour...100 * year, stepMs: minute),
      help: help + " Without it, store.retention.")
  }

  private static let drift: [SettingKey] = [
    .init(
      path: "drift.window", kind: .integer(2...10_000, unit: "samples"), defaultText: "100",
      help: "Samples in the rolling mean of a camera's confidence."),
    .init(path: "drift.limit", kind: .fraction, defaultText: "0.75", help: "A mean below it is low."),
    .init(
      path: "drift.clear_limit", kind: .fraction, defaultText: "0.78",
      help:
        "A mean at or above it is well again; never below limit. Where a site sets only a limit above it, "
        + "it moves up with the limit."),
    .init(
      path: "drift.on_delay", kind: .duration(0...year), defaultText: "1h",
      help: "A low mean must last longer than that before it is an alert; 0 alerts at once."),
    .init(
      path: "drift.gap_credit", kind: .duration(second...24 * hour), defaultText: "10m",
      help: "What a gap between two samples counts at most."),
    .init(
      path: "drift.clear_delay", kind: .duration(0...year), defaultText: "30m",
      help: "The mean must be well for that long before the alert clears."),
  ]

  private static let alarms: [SettingKey] = [
    .init(
      path: "alerts.silent_after", kind: .duration(minute...24 * hour), defaultText: "15m",
      help: "A camera without an event for that long inside a shift is an alert."),
    .init(
      path: "alerts.stale_after", kind: .duration(minute...year), defaultText: "30m",
      help: "An alert whose newest event is older than that is marked stale."),
    .init(
      path: "alerts.reannounce_after", kind: .duration(0...24 * hour), defaultText: "10m",
      help:
        "An alert that is raised again later than that after it cleared calls again and must be acknowledged "
        + "again; sooner, it is chatter and does not page."),
    .init(
      path: "alerts.offline_delay", kind: .duration(0...hour), defaultText: "60s",
      help: "A camera must be offline for that long before it is an alert."),
    .init(
      path: "alerts.group_window", kind: .duration(0...hour), defaultText: "2m",
      help:
        "Cameras of a group that go offline or silent within that time are one alert; the alert of a camera waits so "
        + "long for others. 0s: each camera is an alert of its own."),
    .init(
      path: "alerts.sequence_gap_after", kind: .duration(0...24 * hour), defaultText: "10m",
      help: "Events that are missing by their numbers (seq) for that long are an alert."),
  ]

  private static let limits: [SettingKey] = [
    .init(
      path: "limits.workers", kind: .integer(1...1_000_000, unit: "workers"), defaultText: "10000",
      help: "Distinct workers of a site; events of further ones are rejected as cardinality."),
    .init(
      path: "limits.workstations", kind: .integer(1...1_000_000, unit: "workstations"), defaultText: "10000",
      help: "Distinct workstations of a site."),
    .init(
      path: "limits.cameras", kind: .integer(1...100_000, unit: "cameras"), defaultText: "1000",
      help: "Distinct cameras of a site."),
    .init(
      path: "limits.model_versions", kind: .integer(1...100_000, unit: "versions"), defaultText: "256",
      help: "Distinct model versions of a site."),
    .init(
      path: "limits.batch_messages", kind: .integer(1...65_535, unit: "messages"), defaultText: "8192",
      help: "Messages in one commit at most."),
    .init(
      path: "limits.batch_bytes", kind: .integer(1_048_576...268_435_456, unit: "bytes"),
      defaultText: "8388608", help: "Bytes of messages in one commit at most."),
    .init(
      path: "limits.commit_linger", kind: .duration(0...100), defaultText: "10ms",
      help:
        "Above 100 messages a second, a commit waits that long for more messages after its first one; 0 "
        + "commits at once."),
    .init(
      path: "limits.quarantine_rows", kind: .integer(100...10_000_000, unit: "rows"), defaultText: "100000",
      help: "Rejected events kept; the oldest make room, counted."),
    .init(
      path: "limits.quarantine_bytes", kind: .integer(1_048_576...1_099_511_627_776, unit: "bytes"),
      defaultText: "268435456", help: "Raw bytes of rejected events kept; the oldest make room, counted."),
    .init(
      path: "limits.min_free_bytes", kind: .integer(0...1_099_511_627_776, unit: "bytes"),
      defaultText: "1073741824", help: "Less free space than that on the disk of data_dir is a warning."),
  ]

  private static let central: [SettingKey] = [
    .init(
      path: "central.mode", kind: .word(["off", "history", "fleet"]), defaultText: "off",
      help:
        "history: send a copy of closed windows, alerts, gaps, stops and reports to a central PostgreSQL: docs/central.md"
    ),
    .init(
      path: "central.url", kind: .text,
      help:
        "postgresql://user@host/database without a password; several hosts with commas between them. Other machines must "
        + "prove their certificate unless sslmode says otherwise."),
    .init(path: "central.password_file", kind: .text, help: "File with the password of that user."),
    .init(
      path: "central.events", kind: .flag, defaultText: "false", help: "Send every stored event, too."),
    .init(
      path: "central.scopes", kind: .words(["site", "area", "line", "workstation", "worker"]),
      defaultText: "[site, workstation]",
      help: "Whose figures leave the plant. worker is personal data of several plants in one place."),
    .init(
      path: "central.retention", kind: .duration(24 * hour...100 * year, stepMs: minute), defaultText: "90d",
      help: "How old events and figures of workers of these sites may become there; other figures stay."),
    .init(
      path: "central.backlog_bytes", kind: .integer(1_048_576...1_099_511_627_776, unit: "bytes"),
      defaultText: "1073741824",
      help:
        "What a site's file keeps at most while the database is away; older rows are read again from the tables."
    ),
    .init(
      path: "central.connections", kind: .integer(1...16, unit: "connections"), defaultText: "2",
      help: "To the database at one time."),
    .init(
      path: "central.cluster", kind: .identifier, defaultText: "andon",
      help: "fleet: stands for the bridge's id in MQTT client ids, as sites move from bridge to bridge."),
    .init(
      path: "central.beat", kind: .duration(100...60_000), defaultText: "2s",
      help: "fleet: how often a bridge says that it lives."),
    .init(
      path: "central.ttl", kind: .duration(1000...600_000, stepMs: 1000), defaultText: "8s",
      help: "fleet: after what silence others take a bridge's sites; at least three times central.beat."),
    .init(
      path: "central.broker_grace", kind: .duration(1000...hour, stepMs: 1000), defaultText: "60s",
      help:
        "fleet: how long a bridge without any broker keeps its sites while another bridge has a broker."),
    .init(
      path: "central.accept_single_node", kind: .flag, defaultText: "false",
      help:
        "fleet: accept a server without a synchronous standby. If it dies, acknowledged events may be lost."),
  ]
}
