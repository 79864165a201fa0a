import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsValueTests {
  @Test func everyDefaultIsAValueOfItsKind() throws {
    for key in SettingKey.all {
      guard let text = key.defaultText else { continue }
      #expect(throws: Never.self, "\(key.path)") { _ = try SettingValue(text, kind: key.kind) }
    }
  }

  @Test func pathsAndVariablesAreUnique() {
    #expect(Set(SettingKey.all.map(\.path)).count == SettingKey.all.count)
    #expect(Set(SettingKey.all.map(\.variable)).count == SettingKey.all.count)
  }

  @Test(arguments: [
    ("broker.url", "ANDON_BROKER_URL"), ("http.listen", "ANDON_HTTP_LISTEN"),
    ("drift.limit", "ANDON_DRIFT_LIMIT"),
    ("broker.tls.ca_file", "ANDON_BROKER_TLS_CA_FILE"),
  ])
  func variablesAreNamedAfterTheirKeys(_ path: String, _ variable: String) {
    #expect(SettingKey.named(path)?.variable == variable)
  }

  @Test func aMisspeltPathInTheProgramIsAnError() async {
    #expect(SettingValues().number("kpi.publish_interval") == 5000)
    await #expect(processExitsWith: .failure) { _ = SettingValues().number("kpi.publish_intervall") }
    await #expect(processExitsWith: .failure) { _ = SettingValues().origin("kpi.publish_intervall") }
    await #expect(processExitsWith: .failure) { _ = SettingValues().number("bridge.id") }
  }

  @Test func defaultsAreComplete() throws {
    let settings = try SettingsSample.load(SettingsSample.site)
    #expect(settings.bridge.id == "bridge-01" && settings.databasePath(site: "p") == "./data/sites/p.sqlite")
    #expect(settings.broker.scheme == "mqtt" && settings.broker.host == "127.0.0.1")
    #expect(settings.broker.port == 1883 && settings.broker.tls == nil && settings.broker.username == nil)
    #expect(settings.broker.sessionExpirySeconds == 604_800 && settings.broker.keepAliveSeconds == 30)
    #expect(settings.topics.root == "andon/v1" && !settings.topics.scalarTags)
    #expect(settings.http.host == "127.0.0.1" && settings.http.port == 8080 && settings.http.isEnabled)
    let site = settings.sites[0]
    #expect(site.ingest.minConfidencePpm == 700_000 && site.ingest.stateTimeoutMs == 600_000)
    #expect(
      site.ingest.maxAgeMs == 604_800_000 && site.ingest.maxFutureMs == 60_000 && !site.ingest.assumeUTC)
    #expect(site.kpi.publishIntervalMs == 5000 && site.kpi.latenessMs == 86_400_000)
    #expect(site.kpi.windows == ["hour", "shift", "day"])
    #expect(site.drift.window == 100 && site.drift.limitPpm == 750_000 && site.drift.clearLimitPpm == 780_000)
    #expect(site.drift.onDelayMs == 3_600_000 && site.drift.gapCreditMs == 600_000)
    #expect(site.drift.clearDelayMs == 1_800_000)
    #expect(
      site.limits.workers == 10_000 && site.limits.workstations == 10_000 && site.limits.cameras == 1000)
    #expect(site.limits.modelVersions == 256 && site.limits.batchMessages == 8192)
    #expect(site.limits.batchBytes == 8_388_608 && site.limits.quarantineRows == 100_000)
    #expect(site.limits.commitLingerMs == 10)
  }

  @Test(arguments: [
    ("250ms", 250), ("20s", 20_000), ("10m", 600_000), ("24h", 86_400_000), ("7d", 604_800_000), ("0s", 0),
    ("0", 0),
  ])
  func durations(_ text: String, _ milliseconds: Int64) throws {
    #expect(try SettingValue(text, kind: .duration(0...604_800_000)) == .number(milliseconds))
  }

  @Test(arguments: [
    ("0", 0), ("1", 1_000_000), ("1.000000", 1_000_000), ("0.7", 700_000), ("0.000001", 1),
    ("0.999999", 999_999), ("0.290000", 290_000),
  ])
  func fractions(_ text: String, _ ppm: Int64) throws {
    #expect(try SettingValue(text, kind: .fraction) == .number(ppm))
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    // The step is prime, so that every number of decimals and every unit occurs.
    for ppm in stride(from: Int64(0), through: 1_000_000, by: 997) {
      #expect(try SettingValue(SettingValue.fraction(ppm), kind: .fraction) == .number(ppm))
    }
    for step in [Int64(7919), 86_400_000, 3_600_000, 60_000, 1000] {
      for milliseconds in stride(from: Int64(0), through: step * 500, by: Int64.Stride(step)) {
        let text = SettingValue.duration(milliseconds)
        #expect(try SettingValue(text, kind: .duration(0...step * 500)) == .number(milliseconds))
      }
    }
  }

  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("form", "from", 1),
    ("ab", "ba", 1), ("ca", "abc", 3),
  ])
  func distances(_ left: String, _ right: String, _ distance: Int) {
    #expect(Suggestion.distance(left, right) == distance)
  }

  @Test func aSuggestionIsNearOrNotMade() {
    #expect(Suggestion.text(for: "listn", among: ["listen", "token_file"]) == "; did you mean listen?")
    #expect(Suggestion.text(for: "zzz", among: ["listen", "token_file"]) == "")
    #expect(Suggestion.text(for: String(repeating: "a", count: 100_000), among: ["listen"]) == "")
  }
}
