import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

/// The configuration of `andon overview`, and its example.
@Suite(.ownThread) struct OverviewSettingsTests {
  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../config/overview.yaml").standardized.path
  private static let brokers = "brokers: [{name: n, broker: {url: 'mqtt://h'}}]"

  private func load(_ yaml: String, _ environment: [String: String] = [:]) throws -> OverviewSettings {
    try SettingsLoader.parseOverview(yaml: yaml, file: "o.yaml", environment: environment)
  }

  private func complaint(_ yaml: String) -> String {
    do {
      _ = try load(yaml)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func theExampleLoads() throws {
    let settings = try SettingsLoader.loadOverview(file: Self.path, environment: [:])
    #expect(settings.brokers.map(\.name) == ["north", "south"])
    #expect(settings.brokers[0].dashboard == "https://north.example/#/{site}")
    #expect(!settings.isWritable && settings.central.mode == .off)
  }

  /// A key of `overview` and `central` that is commented out shows its real default.
  @Test func theExampleShowsEveryKeyWithItsDefault() throws {
    let text = try String(contentsOfFile: Self.path, encoding: .utf8)
    let shown = text.split(separator: "\n").map { $0.drop { $0 == "#" || $0 == " " || $0 == "-" } }
    for key in SettingKey.overview {
      let name = key.path.dropFirst("overview.".count)
      #expect(shown.contains("\(name): \(key.defaultText ?? "")"), "\(key.path)")
    }
    for key in OverviewKey.all { #expect(shown.contains { $0.hasPrefix("\(key.path):") }, "\(key.path)") }
  }

  @Test func defaultsAndVariables() throws {
    let settings = try load("overview: {\(Self.brokers)}", ["ANDON_OVERVIEW_MAX_SITES": "7"])
    #expect(settings.siteLimit == 7 && settings.staleAfterMs == 60_000 && settings.alertLimit == 100)
    #expect(settings.brokers[0].root == "andon/v1" && settings.brokers[0].connection.port == 1883)
    let other = try load(
      "{http: {listen: '127.0.0.1:1'}, overview: {write: true, stale_after: 5m, "
        + "brokers: [{name: n, root: a/b, broker: {url: 'mqtts://h:9', tls: {ca_file: c}, username: u}}]}}")
    #expect(other.isWritable && other.staleAfterMs == 300_000 && other.brokers[0].root == "a/b")
    #expect(other.brokers[0].connection.tls?.caFile == "c" && other.brokers[0].connection.port == 9)
  }

  @Test(arguments: [
    ("overview: {}", "overview.brokers: must list at least one broker"),
    ("overview: {brokers: [{name: n}]}", "overview.brokers[0].broker: is missing"),
    ("overview: {brokers: [{broker: {url: 'mqtt://h'}}]}", "overview.brokers[0].name: must be 1 to 64"),
    ("overview: {brokers: [{name: n, broker: {url: 'mqtt://u:p@h'}}]}", "must not hold a user or password"),
    ("overview: {brokers: [{name: n, broker: {password: x}}]}", "a password must not stand here"),
    (
      "overview: {brokers: [{name: n, dashboard: 'ftp://x', broker: {url: 'mqtt://h'}}]}",
      "must be an address such as"
    ),
    (
      "overview: {brokers: [{name: n, root: 'a+', broker: {url: 'mqtt://h'}}]}",
      "overview.brokers[0].root: must"
    ),
    ("overview: {brokers: [{name: n, colour: red, broker: {url: 'mqtt://h'}}]}", "unknown key"),
    (
      "overview: {brokers: [{name: n, broker: {url: 'mqtt://h'}}, {name: N, broker: {url: 'mqtt://h'}}]}",
      "is there already"
    ),
    ("{overview: {\(brokers)}, sites: []}", "sites: is of a bridge"),
    ("{overview: {\(brokers)}, broker: {url: x}}", "broker: is of a bridge"),
    ("{overview: {\(brokers), max_site: 1}}", "did you mean"),
    ("{overview: {\(brokers), max_sites: 0}}", "overview.max_sites: must"),
    ("{overview: {\(brokers)}, http: {listen: '0.0.0.0:80'}}", "can be reached from other machines"),
  ])
  func mistakes(_ yaml: String, _ words: String) {
    #expect(complaint(yaml).contains(words), "\(complaint(yaml))")
  }

  /// A bridge's configuration does not have the section.
  @Test func aBridgeHasNoOverview() {
    #expect(
      SettingsSample.complaint("overview: {\(Self.brokers)}\n" + SettingsSample.site).contains("unknown key"))
  }
}
