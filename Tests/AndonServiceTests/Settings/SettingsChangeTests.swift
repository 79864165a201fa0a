import TestSupport
import Testing

@testable import AndonConfiguration

/// What a reloaded configuration changes for the running sites.
@Suite(.ownThread) struct SettingsChangeTests {
  private static let sites = "sites: [{id: a, timezone: UTC}, {id: b, timezone: UTC}]"

  private func parse(_ yaml: String, environment: [String: String] = [:]) throws -> Settings {
    try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: environment)
  }

  @Test func theSameFileChangesNothing() throws {
    let change = SettingsChange(from: try parse(Self.sites), to: try parse("# a word\n" + Self.sites))
    #expect(change.isEmpty && change.needsRestart.isEmpty)
  }

  @Test func sitesComeAndGoInTheOrderOfTheFile() throws {
    let change = SettingsChange(
      from: try parse(Self.sites), to: try parse("sites: [{id: c, timezone: UTC}, {id: a, timezone: UTC}]"))
    #expect(change.added.map(\.id) == ["c"] && change.removed == ["b"] && change.changed.isEmpty)
  }

  /// An override of one site affects that site; a default affects all sites that do not override it.
  @Test(arguments: [
    (
      "sites: [{id: a, timezone: UTC, drift: {limit: 0.6, clear_limit: 0.7}}, {id: b, timezone: UTC}]", ["a"]
    ),
    ("sites: [{id: a, timezone: Europe/Berlin}, {id: b, timezone: UTC}]", ["a"]),
    ("sites: [{id: a, timezone: UTC}, {id: b, timezone: UTC, name: B}]", ["b"]),
    ("sites: [{id: a, timezone: UTC}, {id: b, timezone: UTC, workers: {W1: {name: Ann}}}]", ["b"]),
    ("limits: {workers: 7}\n" + sites, ["a", "b"]), ("store: {retention: 30d}\n" + sites, ["a", "b"]),
    ("kpi: {windows: [hour]}\n" + sites, ["a", "b"]), ("alerts: {silent_after: 7m}\n" + sites, ["a", "b"]),
    ("ingest: {state_timeout: 7m}\n" + sites, ["a", "b"]),
    (
      """
      sites:
        - {id: a, timezone: UTC}
        - {id: b, timezone: UTC, shifts: [{id: s, start: "06:00", end: "14:00"}]}
      """, ["b"]
    ),
  ])
  func aSiteThatIsToldSomethingElseHasChanged(yaml: String, changed: [String]) throws {
    let change = SettingsChange(from: try parse(Self.sites), to: try parse(yaml))
    #expect(change.changed.map(\.id) == changed)
    #expect(change.added.isEmpty && change.removed.isEmpty && change.needsRestart.isEmpty)
  }

  /// Keys that take effect only together with others, or not in a running process.
  private static let aloneMeaningless: Set<String> = [
    "http.allow_without_token", "http.oidc.jwks_url", "notify.heartbeat.url_file",
  ]

  /// Keys outside of the sites that a reload takes over: they are part of every site.
  private static let ofEverySite = ["http.public_url": "https://other.example"]

  @Test func keysOfEverySiteTakeEffectWithoutARestart() throws {
    for (path, other) in Self.ofEverySite {
      let key = try #require(SettingKey.named(path))
      let change = SettingsChange(
        from: try parse(Self.sites), to: try parse(Self.sites, environment: [key.variable: other]))
      #expect(change.changed.map(\.id) == ["a", "b"] && change.needsRestart.isEmpty, "\(path)")
    }
  }

  /// For every key of the process, a value other than that of the base below.
  private static let others = [
    "bridge.id": "other", "bridge.data_dir": "/other", "broker.url": "mqtts://other",
    "broker.username": "other",
    "broker.password_file": "/other", "broker.tls.ca_file": "/other", "broker.tls.cert_file": "/other",
    "broker.tls.key_file": "/other", "broker.session_expiry": "2d", "broker.keep_alive": "11s",
    "topics.root": "other/v1", "topics.scalar_tags": "true", "sparkplug.enabled": "true",
    "sparkplug.primary_host": "other", "uns.enterprise": "other",
    "discovery.home_assistant": "true", "discovery.prefix": "other", "http.listen": "127.0.0.1:9999",
    "http.token_file": "/other", "http.users_file": "/other", "http.session_idle": "7m",
    "http.session_lifetime": "7h", "http.oidc.issuer": "other", "http.oidc.audience": "other",
    "http.oidc.jwks_file": "/other", "http.oidc.role_claim": "other", "http.oidc.sites_claim": "other",
    "http.oidc.user_claim": "other", "http.trusted_proxy.addresses": "10.0.0.1",
    "http.trusted_proxy.user_header": "Other", "http.trusted_proxy.role_header": "Other",
    "http.token_for_reads": "true", "http.cert_file": "/other", "http.key_file": "/other",
    "http.allow": "10.0.0.0/8", "http.cors_origins": "https://other.example", "http.rate_limit": "7",
    "http.hosts": "other.example", "http.max_connections_per_client": "7",
    "http.max_body": "2048", "http.max_connections": "77", "http.max_streams": "7",
    "http.idle_timeout": "7s", "http.request_timeout": "7s",
    "notify.heartbeat.url": "https://other.example", "notify.heartbeat.every": "77s",
    "notify.heartbeat.ca_file": "/other",
    "central.mode": "history", "central.url": "postgresql://other@h/d", "central.password_file": "/other",
    "central.events": "true", "central.scopes": "[line]", "central.retention": "7d",
    "central.backlog_bytes": "7000000", "central.connections": "7",
    "central.cluster": "other", "central.beat": "1s", "central.ttl": "17s", "central.broker_grace": "7s",
    "central.accept_single_node": "true",
  ]

  /// Every key outside the sections of sites is named when it changes: a key that is missing here would be
  /// ignored silently.
  @Test func everyKeyOfTheProcessIsNamed() throws {
    let base = """
      broker:
        url: mqtts://broker
        tls: {ca_file: /ca, cert_file: /cert, key_file: /key}
      http:
        {token_file: /token, cert_file: /c, key_file: /k, oidc: {issuer: i, audience: a, jwks_file: /j},
        trusted_proxy: {addresses: [127.0.0.1]}}
      notify: {heartbeat: {url: "https://switch.example"}}
      central: {url: "postgresql://u@h/d"}
      \(Self.sites)
      """
    let ofSites: Set<String> = ["ingest", "privacy", "kpi", "stops", "store", "drift", "alerts", "limits"]
    let keys = SettingKey.all.filter {
      !ofSites.contains($0.section) && !Self.aloneMeaningless.contains($0.path)
        && Self.ofEverySite[$0.path] == nil
    }
    #expect(keys.count > 20)
    for key in keys {
      let other = try #require(Self.others[key.path], "\(key.path) needs another value in this test")
      let change = SettingsChange(
        from: try parse(base), to: try parse(base, environment: [key.variable: other]))
      #expect(change.needsRestart == [key.path])
      #expect(change.isEmpty, "\(key.path)")
    }
  }
}
