import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonConfiguration

/// `store.retention`: one age for everything, or one for each purpose.
@Suite(.ownThread) struct SettingsRetentionTests {
  private static let dayMs: Int64 = 86_400_000

  private func sites(_ yaml: String, _ environment: [String: String] = [:]) throws -> [SiteSettings] {
    try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: environment).sites
  }

  private func retention(
    _ store: String, ofSite: String = "", _ environment: [String: String] = [:]
  ) throws -> RetentionSettings {
    try sites("\(store)\nsites: [{id: p, timezone: UTC\(ofSite)}]", environment)[0].retention
  }

  @Test func aDurationHoldsForEverything() throws {
    #expect(try retention("") == RetentionSettings(400 * Self.dayMs))
    #expect(try retention("store: {retention: 30d}") == RetentionSettings(30 * Self.dayMs))
    #expect(try retention("", ["ANDON_STORE_RETENTION": "2y"]) == RetentionSettings(730 * Self.dayMs))
  }

  @Test func aSectionHasAnAgeForEachPurpose() throws {
    let found = try retention(
      """
      store:
        retention: {events: 30d, worker_figures: 90d, figures: 5y, quarantine: 31d, alarms: 2y, people_names: 1y,
          access_log: 360d}
      """)
    let days = RetentionSettings.purposes.map { found[keyPath: $0.path] / Self.dayMs }
    #expect(days == [30, 90, 1825, 31, 730, 365, 360])
    #expect(found.keepsFinals && found.doubts.isEmpty)
    // What it leaves out is kept as long as without the section.
    var some = RetentionSettings(400 * Self.dayMs)
    some.eventsMs = 30 * Self.dayMs
    #expect(try retention("store: {retention: {events: 30d}}") == some)
  }

  @Test func aSiteAndAVariableOverrideAsAWholeOrByPurpose() throws {
    let section = "store: {retention: {events: 30d, figures: 5y}}"
    #expect(
      try retention(section, ofSite: ", store: {retention: 60d}") == RetentionSettings(60 * Self.dayMs),
      "a site's duration holds for everything")
    let own = try retention(section, ofSite: ", store: {retention: {events: 40d}}")
    #expect(own.eventsMs == 40 * Self.dayMs && own.figuresMs == 1825 * Self.dayMs)
    let below = try retention("store: {retention: 60d}", ofSite: ", store: {retention: {events: 40d}}")
    #expect(below.eventsMs == 40 * Self.dayMs && below.figuresMs == 60 * Self.dayMs)
    #expect(
      try retention(section, ["ANDON_STORE_RETENTION": "50d"]) == RetentionSettings(50 * Self.dayMs),
      "a variable wins over the file")
    let variable = try retention(section, ["ANDON_STORE_RETENTION_EVENTS": "50d"])
    #expect(variable.eventsMs == 50 * Self.dayMs && variable.figuresMs == 1825 * Self.dayMs)
  }

  @Test(arguments: [
    (
      "store: {retention: {events: 7d}}",
      "a.yaml:1: store.retention.events: store.retention.events must be at least a day longer than ingest.max_age"
    ),
    (
      "ingest: {max_age: 40d}\nstore: {retention: {events: 30d}}",
      "store.retention.events must be at least a day"
    ),
    ("store: {retention: {event: 30d}}", "store.retention.event: unknown key; did you mean events?"),
    ("store: {retentoin: {events: 30d}}", "store.retentoin: unknown key; did you mean retention?"),
    ("store: {retention: {figures: 5}}", "must be a number with its unit"),
    ("store: {retention: [30d]}", "store.retention: must be one value, not a list"),
    ("store: {retention: {alarms: 1h}}", "must lie in 1d…36600d"),
  ])
  func aMistakeIsNamed(_ store: String, _ words: String) {
    let error = #expect(throws: SettingsErrors.self) { _ = try retention(store) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "no error")")
  }

  @Test(arguments: [
    (
      "events: 30d, worker_figures: 2y, figures: 1y, alarms: 2y, people_names: 1y",
      "worker_figures is longer than figures"
    ),
    ("events: 30d, worker_figures: 20d, figures: 20d", "figures is shorter than events"),
    ("events: 30d, worker_figures: 10d", "worker_figures is shorter than events"),
    ("events: 30d, alarms: 90d, people_names: 1y", "people_names is longer than alarms"),
  ])
  func checkWarnsOfNonsense(_ section: String, _ words: String) throws {
    let settings = try SettingsLoader.parse(
      yaml: "store: {retention: {\(section)}}\nsites: [{id: p, timezone: UTC}]", file: "a.yaml",
      environment: [:])
    let findings = RetentionCheck(settings).run()
    #expect(
      findings.contains { $0.text.contains(words) && $0.site == "p" && $0.level == .warning }, "\(findings)")
  }
}
