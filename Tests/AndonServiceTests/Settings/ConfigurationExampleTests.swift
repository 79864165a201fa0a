import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

/// `config/andon.yaml`, the example for integrators, and the generated reference.
@Suite(.ownThread) struct ConfigurationExampleTests {
  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../config/andon.yaml").standardized.path

  @Test func theExampleLoads() throws {
    let settings = try SettingsLoader.load(file: Self.path, environment: [:])
    #expect(settings.sites.map(\.id) == ["plant-a", "plant-b"])
    #expect(settings.sites.map(\.timeZone) == ["Europe/Berlin", "America/New_York"])
    #expect(settings.sites[0].shifts.map(\.id) == ["early", "late", "night"])
  }

  /// A commented key must show its real default.
  @Test func theExampleShowsEveryKeyWithItsDefault() throws {
    var section = ""
    var shown: [String: String] = [:]
    for line in try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n") {
      let isIndented = line.hasPrefix("  ")
      let text = line.drop { $0 == "#" || $0 == " " }
      guard let colon = text.firstIndex(of: ":") else { continue }
      let name = String(text[..<colon])
      let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      if !isIndented, value.isEmpty { section = name }
      let path = section + "." + name
      if isIndented, SettingKey.named(path) != nil, shown[path] == nil { shown[path] = value }
      let tls = "broker.tls." + name
      if SettingKey.named(tls) != nil { shown[tls] = value }
      let beat = "notify.heartbeat." + name
      if section == "notify", SettingKey.named(beat) != nil, shown[beat] == nil { shown[beat] = value }
      let purpose = "store.retention." + name
      if section == "store", SettingKey.named(purpose) != nil { shown[purpose] = value }
      for part in ["oidc", "trusted_proxy"] where section == "http" {
        let key = "http.\(part).\(name)"
        if SettingKey.named(key) != nil { shown[key] = value }
      }
    }
    for key in SettingKey.all {
      let value = shown[key.path]
      #expect(value != nil, "\(key.path) is not in the example")
      if let text = key.defaultText { #expect(value == text, "\(key.path)") }
    }
  }

  /// The example of the contract, verbatim except for the values that it leaves open.
  @Test func theContractsExampleLoads() throws {
    let yaml = """
      bridge:  {id: bridge-01, data_dir: ./data}
      broker:
        url: mqtts://127.0.0.1:8883
        username: bridge
        password_file: /run/secrets/andon-mqtt
        tls: {ca_file: a, cert_file: b, key_file: c}
        session_expiry: 7d
      topics:  {root: andon/v1, scalar_tags: false}
      http:    {listen: 127.0.0.1:8080, token_file: t}
      ingest:  {min_confidence: 0.70, state_timeout: 10m, max_age: 7d, max_future: 60s, assume_utc: false}
      kpi:     {publish_interval: 5s, windows: [hour, shift, day], lateness: 24h}
      drift:   {window: 100, limit: 0.75, clear_limit: 0.78, on_delay: 1h, gap_credit: 10m, clear_delay: 30m}
      sites:
        - id: plant-a
          name: Plant A
          timezone: Europe/Berlin
          shifts:
            - {id: early, start: "06:00", end: "14:00", breaks: [{start: "10:00", end: "10:15"}]}
            - {id: late,  start: "14:00", end: "22:00"}
            - {id: night, start: "22:00", end: "06:00"}
          workers:      {W1: {name: Anna}}
          workstations: {S1: {name: Press}}
          drift: {limit: 0.80}
      """
    let site = try SettingsSample.load(yaml).sites[0]
    #expect(site.drift.limitPpm == 800_000 && site.drift.clearLimitPpm == 830_000)
  }

  @Test func theReferenceNamesEveryKey() {
    let reference = SettingsReference.markdown()
    for key in SettingKey.all {
      let row = reference.split(separator: "\n").first { $0.hasPrefix("| `\(key.path)` |") }
      #expect(row != nil, "\(key.path)")
      #expect(row?.contains("`\(key.variable)`") == true && row?.hasSuffix("\(key.help) |") == true)
      if let text = key.defaultText { #expect(row?.contains("`\(text)`") == true, "\(key.path)") }
    }
    for key in SiteKey.all { #expect(reference.contains("| `sites[].\(key.path)` |"), "\(key.path)") }
    #expect(reference.contains("ANDON_BROKER_PASSWORD"))
  }

  @Test func aTableRowHasItsColumns() {
    for line in SettingsReference.markdown().split(separator: "\n") where line.hasPrefix("| `") {
      #expect([6, 7].contains(line.split(separator: "|", omittingEmptySubsequences: false).count), "\(line)")
    }
  }
}
