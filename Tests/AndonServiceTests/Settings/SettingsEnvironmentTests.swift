import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsEnvironmentTests {
  @Test func aVariableWinsOverTheFileAndASiteOverBoth() throws {
    let yaml = """
      kpi: {publish_interval: 2s, windows: [day]}
      sites: [{id: p, timezone: UTC}, {id: q, timezone: UTC, kpi: {publish_interval: 9s}}]
      """
    let settings = try SettingsSample.load(
      yaml,
      [
        "ANDON_BROKER_URL": "mqtts://b.example:8884", "ANDON_KPI_PUBLISH_INTERVAL": "1s",
        "ANDON_KPI_WINDOWS": "hour, shift", "ANDON_HTTP_LISTEN": "off", "ANDON_DRIFT_LIMIT": "0.6",
        "ANDON_BRIDGE_DATA_DIR": "/var/lib/andon/",
      ])
    #expect(settings.sites.map(\.kpi.publishIntervalMs) == [1000, 9000])
    #expect(
      settings.sites[0].kpi.windows == ["hour", "shift"] && settings.sites[1].drift.limitPpm == 600_000)
    #expect(settings.broker.tls != nil && settings.broker.port == 8884 && !settings.http.isEnabled)
    #expect(settings.databasePath(site: "p") == "/var/lib/andon/sites/p.sqlite")
  }

  @Test func anEmptyVariableAndOnesOfOthersDoNothing() throws {
    let settings = try SettingsSample.load(
      SettingsSample.site, ["ANDON_BROKER_URL": "", "ANDON_PORT": "tcp://10.0.0.1", "ANDON_SITES": "x"])
    #expect(settings.broker.port == 1883 && settings.sites.map(\.id) == ["p"])
  }

  @Test(arguments: [
    ("ANDON_DRIFT_WINDOW", "x", "must be a whole number in 2…10000, not \"x\""),
    (
      "ANDON_BROKER_URL", "mqtt://u:p@h",
      "must not hold a user or password: use broker.username and broker.password_file"
    ),
    ("ANDON_BROKER_URL", "mqtt://h:0", "must have a port in 1…65535, not 0"),
    (
      "ANDON_HTTP_LISTEN", "0.0.0.0:1",
      "0.0.0.0 can be reached from other machines: set http.token_file or http.users_file, too"
    ),
    ("ANDON_DRIFT_LIMIT", "0.9", "must not be below drift.limit, which is 0.9; it is 0.78"),
    ("ANDON_BROKER_TLS_CA_FILE", "a", "needs broker.url to begin with mqtts://"),
  ])
  func aMistakeInAVariableIsNamedWithIt(_ name: String, _ text: String, _ message: String) {
    #expect(
      SettingsSample.complaint(SettingsSample.site, [name: text]) == "environment: \(name): \(message)")
  }

  @Test(arguments: [
    ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("a\n\n", "a\n"), (" a ", " a "),
    ("a\r", "a\r"),
  ])
  func aPasswordFileLosesOneLineEnd(_ content: String, _ password: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "andon-secret-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(content.utf8).write(to: file)
    let yaml = "broker: {password_file: '\(file.path)'}\nhttp: {token_file: '\(file.path)'}\n"
    let settings = try SettingsSample.load(yaml + SettingsSample.site)
    #expect(try settings.broker.readPassword(environment: [:]) == password)
    #expect(try settings.broker.readPassword(environment: ["ANDON_BROKER_PASSWORD": ""]) == password)
    #expect(try settings.broker.readPassword(environment: ["ANDON_BROKER_PASSWORD": "e"]) == "e")
    #expect(try settings.http.readToken() == password)
  }

  @Test(arguments: [Data(), Data("\n".utf8), Data([0x73, 0xFF, 0x74]), Data(repeating: 0x61, count: 65_536)])
  func aPasswordFileThatIsNoneIsNamedButNotShown(_ content: Data) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "andon-secret-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try content.write(to: file)
    let yaml = "broker: {password_file: '\(file.path)'}\n" + SettingsSample.site
    let broker = try SettingsSample.load(yaml).broker
    let error = #expect(throws: SettingsError.self) { _ = try broker.readPassword(environment: [:]) }
    let message =
      content.count < 2 ? "this file is empty" : "this file must be UTF-8 text of at most 65535 bytes"
    #expect(error?.description == "\(file.path): broker.password_file: \(message)")
  }

  @Test func aMissingPasswordFileIsNamed() throws {
    let broker = try SettingsSample.load("broker: {password_file: /nowhere/s}\n" + SettingsSample.site).broker
    let error = #expect(throws: SettingsError.self) { _ = try broker.readPassword(environment: [:]) }
    #expect(error?.description == "/nowhere/s: broker.password_file: this file cannot be read")
  }

  @Test func noPasswordIsNoError() throws {
    let settings = try SettingsSample.load(SettingsSample.site)
    #expect(try settings.broker.readPassword(environment: [:]) == nil && settings.http.readToken() == nil)
  }
}
