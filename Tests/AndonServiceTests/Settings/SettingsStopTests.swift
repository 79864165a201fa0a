import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration

/// `stops`: reasons and times, for all sites and for one.
@Suite(.ownThread) struct SettingsStopTests {
  private func parse(_ yaml: String) throws -> [SiteSettings] {
    try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: [:]).sites
  }

  private func mistakes(_ stops: String) -> [String] {
    do {
      _ = try parse("stops: \(stops)\nsites: [{id: a, timezone: UTC}]")
      return []
    } catch let errors as SettingsErrors {
      return errors.errors.map { "\($0.path) \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func aSiteHasTheReasonsOfAllSitesOrItsOwn() throws {
    let sites = try parse(
      """
      stops:
        ask_after: 10m
        reasons:
          - {id: material, name: "No material"}
          - {id: setup, planned: true}
      sites:
        - {id: a, timezone: UTC}
        - {id: b, timezone: UTC, stops: {min: 1m, reasons: [{id: power}]}}
        - {id: c, timezone: UTC, stops: {reasons: []}}
        - {id: d, timezone: UTC, stops: {ask_after: 2m}}
      """)
    let all = [
      StopReason(id: "material", name: "No material"),
      StopReason(id: "setup", name: "setup", isPlanned: true),
    ]
    #expect(
      sites.map(\.stops.reasons) == [all, [StopReason(id: "power", name: "power")], [], all])
    #expect(sites.map(\.stops.askAfterMs) == [600_000, 600_000, 600_000, 120_000])
    #expect(sites.map(\.stops.minMs) == [180_000, 60_000, 180_000, 180_000])
    let none = try parse("sites: [{id: a, timezone: UTC}]")[0].stops
    #expect(none.reasons.isEmpty && none.askAfterMs == 300_000)
  }

  @Test(arguments: [
    ("{reasons: [{id: a}, {id: A}]}", #"stops.reasons[1].id "A" is there already as "a""#),
    ("{reasons: [{id: none}]}", #"stops.reasons[0].id "none" is reserved"#),
    ("{reasons: [{name: x}]}", "stops.reasons[0].id must be 1 to 64"),
    ("{reasons: [{id: a b}]}", "stops.reasons[0].id must be 1 to 64"),
    ("{reasons: [{id: a, planed: true}]}", "stops.reasons[0].planed unknown key; did you mean planned?"),
    ("{reasons: [{id: a, planned: often}]}", "stops.reasons[0].planned must be true or false"),
    ("{reasons: material}", "stops.reasons must be a list of reasons"),
    ("{reason: []}", "stops.reason unknown key; did you mean reasons?"),
    ("{ask_after: 0s}", "stops.ask_after must lie in 1s…"),
    ("{ask_after: 2d}", "stops.ask_after must lie in 1s…"),
  ])
  func aMistakeIsNamed(_ stops: String, _ expected: String) {
    let found = mistakes(stops)
    #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
  }

  @Test func thereAreAtMostAHundredReasons() {
    func list(_ count: Int) -> String {
      "{reasons: [\((0..<count).map { "{id: r\($0)}" }.joined(separator: ", "))]}"
    }
    #expect(mistakes(list(100)).isEmpty)
    #expect(mistakes(list(101)).first?.contains("at most 100 reasons; it has 101") == true)
  }

  @Test func anotherReasonIsAChangeOfTheSite() throws {
    func settings(_ stops: String) throws -> Settings {
      try SettingsLoader.parse(
        yaml: "stops: \(stops)\nsites: [{id: a, timezone: UTC}]", file: "a.yaml", environment: [:])
    }
    let change = SettingsChange(from: try settings("{min: 3m}"), to: try settings("{reasons: [{id: x}]}"))
    #expect(change.changed.map(\.id) == ["a"] && change.needsRestart.isEmpty)
  }
}
