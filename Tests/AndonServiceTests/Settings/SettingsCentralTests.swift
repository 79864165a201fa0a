import AndonCore
import Testing

@testable import AndonConfiguration

/// `central:`.
@Suite struct SettingsCentralTests {
  private func complaint(_ central: String) -> String {
    SettingsSample.complaint("central: \(central)\n" + SettingsSample.site)
  }

  @Test func withoutItNothingIsSent() throws {
    let central = try SettingsSample.load(SettingsSample.site).central
    #expect(central == CentralSettings())
    #expect(central.mode == .off)
    #expect(central.scopes == [.site, .workstation])
    #expect(!central.sendsEvents)
  }

  @Test func allKeysAreRead() throws {
    let yaml = """
      central:
        mode: history
        url: postgresql://andon_bridge@pg1,pg2/andon?target_session_attrs=read-write
        password_file: /run/secrets/pg
        events: true
        scopes: [site, line, worker]
        retention: 30d
        backlog_bytes: 2000000
        connections: 3
        cluster: acme
        beat: 500ms
        ttl: 3s
        broker_grace: 30s
        accept_single_node: true
      \(SettingsSample.site)
      """
    var expected = CentralSettings()
    expected.mode = .history
    expected.url = "postgresql://andon_bridge@pg1,pg2/andon?target_session_attrs=read-write"
    expected.passwordFile = "/run/secrets/pg"
    expected.sendsEvents = true
    expected.scopes = [.site, .line, .worker]
    expected.retentionMs = 30 * 86_400_000
    expected.backlogBytes = 2_000_000
    expected.connections = 3
    (expected.cluster, expected.beatMs, expected.ttlMs) = ("acme", 500, 3000)
    (expected.brokerGraceMs, expected.acceptsSingleNode) = (30_000, true)
    #expect(try SettingsSample.load(yaml).central == expected)
  }

  @Test func aFleetHasItsSitesInTheDatabase() throws {
    let fleet = "central: {mode: fleet, url: 'postgresql://u@h/d', cluster: acme}\n"
    let settings = try SettingsSample.load(fleet)
    #expect(settings.sites.isEmpty && settings.central.mode == .fleet && settings.clientName == "acme")
    #expect(
      SettingsSample.complaint(fleet + SettingsSample.site).contains(
        "sites: must be left out with central.mode: fleet; andon fleet apply brings sites to all bridges"))
    #expect(
      SettingsSample.complaint(fleet + "sparkplug: {enabled: true}").contains(
        "sparkplug.enabled: must be false with central.mode: fleet"))
    // Nothing of the bridge is a default of its sites.
    var bridge = settings
    bridge.topics.root = "other"
    let site = try SettingsLoader.parseSite(
      yaml: "sites: [{id: plant-a, timezone: UTC, drift: {window: 20}}]", id: "plant-a", of: bridge)
    #expect(site.id == "plant-a" && site.drift.window == 20)
    #expect(throws: SettingsErrors.self) {
      try SettingsLoader.parseSite(yaml: "sites: [{id: b, timezone: UTC}]", id: "plant-a", of: bridge)
    }
  }

  @Test(arguments: [
    (
      "{beat: 3s}",
      "central.ttl: must be at least three times central.beat: else a bridge is given up after one late sign of life"
    ),
    (
      "{mode: history}",
      "central.url: is needed when central.mode is history, e.g. postgresql://andon_bridge@pg1/andon"
    ),
    ("{mode: on}", "central.mode: must be one of off, history, fleet, not \"on\""),
    (
      "{url: 'mysql://u@h/d'}",
      "central.url: must begin with postgresql://, as in postgresql://andon_bridge@pg1/andon"
    ),
    ("{url: 'postgresql://h/d'}", "central.url: must name a user: postgresql://andon_bridge@pg1/andon"),
    (
      "{url: 'postgresql://u:hunter2@h/d'}",
      "central.url: must not hold a password: use central.password_file"
    ),
    (
      "{url: 'postgres://u@h/d?password=hunter2'}",
      "central.url: must not hold a password: use central.password_file"
    ),
    ("{connections: 0}", "central.connections: must be a whole number in 1…16, not \"0\""),
    (
      "{scopes: [camera]}",
      "central.scopes: must be a list of some of site, area, line, workstation, worker, not \"camera\""
    ),
    ("{pseudonym_key_file: x}", "central.pseudonym_key_file: unknown key"),
  ])
  func mistakes(_ central: String, _ message: String) {
    let said = complaint(central)
    #expect(said == "a.yaml:1: \(message)")
    #expect(!said.contains("hunter2"))
  }
}
