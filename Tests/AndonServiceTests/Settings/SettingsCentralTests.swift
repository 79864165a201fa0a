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
    #expect(try SettingsSample.load(yaml).central == expected)
  }

  @Test(arguments: [
    (
      "{mode: fleet, url: 'postgresql://u@h/d'}",
      "central.mode: fleet, in which bridges take over from each other, does not exist yet; history keeps a central copy"
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
