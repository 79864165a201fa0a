import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsLoaderTests {
  private func load(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings {
    try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: environment)
  }

  private static let site = "sites: [{id: p, timezone: Europe/Berlin}]"

  @Test func defaultsAreComplete() throws {
    let settings = try load(Self.site)
    let site = settings.sites[0]
    #expect(settings.broker.host == "127.0.0.1" && settings.broker.port == 1883)
    #expect(settings.broker.sessionExpirySeconds == 604_800 && settings.topics.root == "andon/v1")
    #expect(site.ingest.minConfidencePpm == 700_000 && site.ingest.stateTimeoutMs == 600_000)
    #expect(site.kpi.windows == ["hour", "shift", "day"] && site.drift.limitPpm == 750_000)
    #expect(settings.databasePath(site: "p") == "./data/sites/p.sqlite")
  }

  @Test func aSiteMayDeviateAndTheEnvironmentOverrides() throws {
    let settings = try load(
      "drift: {limit: 0.7}\nsites: [{id: p, timezone: UTC, drift: {limit: 0.8, clear_limit: 0.9}}, {id: q, timezone: UTC}]",
      ["ANDON_BROKER_URL": "mqtts://b.example:8884", "ANDON_KPI_PUBLISH_INTERVAL": "1s"])
    #expect(settings.sites.map(\.drift.limitPpm) == [800_000, 700_000])
    #expect(settings.broker.tls != nil && settings.broker.port == 8884)
    #expect(settings.sites[1].kpi.publishIntervalMs == 1000)
  }

  @Test(arguments: [
    ("broker: {urll: x}\n" + site, "a.yaml:1: broker.urll: unknown key; did you mean url?"),
    ("brocker: {}\n" + site, "a.yaml:1: brocker: unknown key; did you mean broker?"),
    ("kpi: {publish_interval: 5}\n" + site, "must be a number with its unit"),
    ("ingest: {min_confidence: 70}\n" + site, "must be a fraction from 0 to 1"),
    ("ingest: {assume_utc: maybe}\n" + site, "must be true or false"),
    ("drift: {window: 1}\n" + site, "must be a whole number in 2…10000"),
    ("sites: [{id: p, timezone: Europe/Berlim}]", "did you mean Europe/Berlin?"),
    ("sites: [{id: 'a b', timezone: UTC}]", "sites[0].id: must be 1 to 64"),
    ("sites: [{id: p, timezone: UTC}, {id: P, timezone: UTC}]", "is there already"),
    ("sites: []", "must list at least one site"), ("bridge: {id: x}", "must list at least one site"),
    ("http: {listen: '0.0.0.0:80'}\n" + site, "set http.token_file"),
    ("http: {listen: '127.0.0.1:99999'}\n" + site, "must be host:port"),
    ("broker: {url: 'http://x'}\n" + site, "must be mqtt://host:port"),
    ("broker: {url: 'mqtt://u:p@x'}\n" + site, "must not hold a user or password"),
    ("drift: {limit: 0.9}\n" + site, "must not be below drift.limit"),
    ("topics: {root: 'a/+/b'}\n" + site, "must be levels of"), (": :\n  - [", "this is not YAML"),
    ("", "must have sections"),
  ])
  func aMistakeIsNamed(_ yaml: String, _ words: String) {
    let error = #expect(throws: SettingsErrors.self) { _ = try load(yaml) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "no error")")
  }

  @Test(arguments: [
    (
      #"{id: a, start: "06:00", end: "14:00"}, {id: b, start: "13:59", end: "22:00"}"#,
      "\"a\" and \"b\" overlap"
    ),
    (
      #"{id: a, start: "22:00", end: "06:00"}, {id: b, start: "05:00", end: "07:00"}"#,
      "\"a\" and \"b\" overlap"
    ),
    (
      #"{id: a, start: "06:00", end: "06:00"}, {id: b, start: "07:00", end: "08:00"}"#,
      "\"a\" and \"b\" overlap"
    ),
    (#"{id: a, start: "24:00", end: "06:00"}"#, "must be a time of day"),
    (
      #"{id: a, start: "06:00", end: "14:00", breaks: [{start: "05:00", end: "06:30"}]}"#,
      "must lie inside its shift"
    ),
  ])
  func badShiftsAreNamed(_ shifts: String, _ words: String) {
    let error = #expect(throws: SettingsErrors.self) {
      _ = try load("sites: [{id: p, timezone: UTC, shifts: [\(shifts)]}]")
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "no error")")
  }

  @Test func threeShiftsAroundTheClockAreFine() throws {
    let settings = try load(
      #"sites: [{id: p, timezone: UTC, shifts: [{id: a, start: "06:00", end: "14:00"}, {id: b, start: "14:00", end: "22:00"}, {id: c, start: "22:00", end: "06:00", breaks: [{start: "01:00", end: "01:30"}]}]}]"#
    )
    #expect(settings.sites[0].shifts.count == 3)
  }

  @Test func allMistakesAreToldAtOnce() {
    let error = #expect(throws: SettingsErrors.self) {
      _ = try load("kpi: {publish_interval: 5, x: 1}\nsites: [{id: p, timezone: Nowhere}]")
    }
    #expect(error?.errors.count == 3)
  }

  @Test func theExampleLoads() throws {
    let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
      path: "../../config/andon.yaml")
    let settings = try SettingsLoader.load(file: example.standardized.path, environment: [:])
    #expect(settings.sites.map(\.id) == ["plant-a", "plant-b"])
  }

  @Test func aPasswordFileIsNamedAndNeverShown() throws {
    let settings = try load("broker: {password_file: /nowhere/secret}\n" + Self.site)
    let error = #expect(throws: SettingsError.self) { _ = try settings.broker.readPassword(environment: [:]) }
    #expect(error?.description.contains("/nowhere/secret") == true)
    #expect(try settings.broker.readPassword(environment: ["ANDON_BROKER_PASSWORD": "s"]) == "s")
  }
}
