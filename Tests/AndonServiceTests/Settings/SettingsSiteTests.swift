import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsSiteTests {
  private static let id = "must be 1 to 64 of [A-Za-z0-9_-]"
  private static let zone = "must be an IANA time zone such as Europe/Berlin"

  @Test(arguments: [
    ("bridge: {id: x}", "a.yaml: sites: must list at least one site"),
    ("sites: []", "a.yaml:1: sites: must list at least one site"),
    ("sites:", "a.yaml:1: sites: must list at least one site"),
    ("sites: {a: b}", "a.yaml:1: sites: must be a list of sites, each after a dash"),
    ("sites: [p]", "a.yaml:1: sites[0]: must be a section of keys"),
    ("sites: [{timezone: UTC}]", "a.yaml:1: sites[0].id: \(id); it is missing"),
    ("sites: [{id: a/b, timezone: UTC}]", "a.yaml:1: sites[0].id: \(id), not \"a/b\""),
    ("sites: [{id: [a], timezone: UTC}]", "a.yaml:1: sites[0].id: must be text"),
    (
      "sites:\n  - {id: p, timezone: UTC}\n  - {id: P, timezone: UTC}",
      "a.yaml:3: sites[1].id: \"P\" is there already as \"p\""
    ),
    (
      "sites:\n  - {id: p, timezone: UTC}\n  - {id: p, timezone: UTC}",
      "a.yaml:3: sites[1].id: \"p\" is there already"
    ),
    (
      "sites: [{id: p, timezone: UTC, shift: []}]",
      "a.yaml:1: sites[0].shift: unknown key; did you mean shifts?"
    ),
    ("sites: [{id: p, timezone: UTC, name: [a]}]", "a.yaml:1: sites[0].name: must be text"),
    (
      "sites: [{id: p, timezone: UTC, kpi: {windows: [week]}}]",
      "a.yaml:1: sites[0].kpi.windows: must be a list of some of hour, shift, day, not \"week\""
    ),
    (
      "sites: [{id: p, timezone: UTC, drift: {limt: 1}}]",
      "a.yaml:1: sites[0].drift.limt: unknown key; did you mean limit?"
    ),
    (
      "sites: [{id: p, timezone: UTC, drift: {clear_limit: 0.7}}]",
      "a.yaml:1: sites[0].drift.clear_limit: must not be below drift.limit, which is 0.75; it is 0.7"
    ),
    ("sites: [{id: p, timezone: UTC, broker: {}}]", "a.yaml:1: sites[0].broker: unknown key"),
  ])
  func wrongSites(_ yaml: String, _ message: String) { #expect(SettingsSample.complaint(yaml) == message) }

  @Test(arguments: [
    ("Europe/Berlim", "\(zone), not \"Europe/Berlim\"; did you mean Europe/Berlin?"),
    ("europe/berlin", "\(zone), not \"europe/berlin\"; did you mean Europe/Berlin?"),
    ("PST", "\(zone), not \"PST\""), ("GMT+5", "\(zone), not \"GMT+5\""),
    ("+01:00", "\(zone), not \"+01:00\""),
    ("../../etc/passwd", "\(zone), not \"../../etc/passwd\""), ("", "must not be empty, not \"\""),
  ])
  func wrongZones(_ zone: String, _ message: String) {
    let complaint = SettingsSample.complaint("sites: [{id: p, timezone: '\(zone)'}]")
    // The suggested name for a short word is not part of this test.
    #expect(complaint.hasPrefix("a.yaml:1: sites[0].timezone: \(message)"), "\(complaint)")
  }

  @Test func aMissingZone() {
    #expect(
      SettingsSample.complaint("sites: [{id: p}]") == "a.yaml:1: sites[0].timezone: is missing: \(Self.zone)")
  }

  @Test(arguments: ["UTC", "Etc/UTC", "Asia/Kolkata", "Europe/Kyiv", "America/Argentina/Buenos_Aires"])
  func zonesInUse(_ zone: String) throws {
    #expect(try SettingsSample.load("sites: [{id: p, timezone: \(zone)}]").sites[0].timeZone == zone)
  }

  @Test func aSiteIsReadWhole() throws {
    let yaml = """
      sites:
        - id: 7
          name: Plant 7
          timezone: UTC
          workers: {W1: {name: Anna}, 2: , W3: {}}
          workstations: {S1: {name: Press}}
          limits: {workers: 5}
      """
    let site = try SettingsSample.load(yaml).sites[0]
    #expect(site.id == "7" && site.name == "Plant 7" && site.shifts.isEmpty)
    #expect(site.workers == ["W1": "Anna", "2": "2", "W3": "W3"] && site.workstations == ["S1": "Press"])
    #expect(site.limits.workers == 5 && site.limits.cameras == 1000)
  }

  @Test(arguments: [
    ("workers: [W1]", "workers: must be a section of ids, e.g. {W1: {name: Anna}}"),
    ("workers: {W1: Anna}", "workers.W1: must be a section, e.g. {name: Anna}"),
    ("workers: {'W 1': {}}", "workers.W 1: an id must be 1 to 64 of [A-Za-z0-9_-]"),
    ("workers: {W1: {}, w1: {}}", "workers.w1: \"w1\" is there already as \"W1\""),
    ("workers: {W1: {nam: x}}", "workers.W1.nam: unknown key; did you mean name?"),
    ("workers: {1: {}, '1': {}}", "workers.1: stands twice in one section"),
    ("workstations: {S1: {name: [x]}}", "workstations.S1.name: must be text"),
  ])
  func wrongNames(_ text: String, _ message: String) {
    let complaint = SettingsSample.complaint("sites: [{id: p, timezone: UTC, \(text)}]")
    #expect(complaint == "a.yaml:1: sites[0].\(message)")
  }

  /// The default limit is 0.75 and clears at 0.78.
  @Test(arguments: [
    ("{}", 750_000, 780_000), ("{limit: 0.60}", 600_000, 780_000), ("{limit: 0.78}", 780_000, 780_000),
    ("{limit: 0.80}", 800_000, 830_000), ("{limit: 0.99}", 990_000, 1_000_000),
    ("{limit: 0.80, clear_limit: 0.80}", 800_000, 800_000), ("{clear_limit: 0.75}", 750_000, 750_000),
  ])
  func theClearLimitFollowsASitesLimit(_ drift: String, _ limit: Int32, _ clear: Int32) throws {
    let site = try SettingsSample.load("sites: [{id: p, timezone: UTC, drift: \(drift)}]").sites[0]
    #expect(site.drift.limitPpm == limit && site.drift.clearLimitPpm == clear)
  }
}
