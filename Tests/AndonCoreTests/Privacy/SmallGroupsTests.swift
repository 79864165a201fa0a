import TestSupport
import Testing

@testable import AndonCore

@Suite struct SmallGroupsTests {
  private static let layout = SiteLayout(areas: [
    .init(
      id: "a0",
      lines: [
        .init(id: "l0", workstations: ["s0", "s1", "s2"]), .init(id: "l1", workstations: ["s3", "s4"]),
      ]), .init(id: "a1", lines: [.init(id: "l2", workstations: ["s5"])]),
  ])

  /// Records of a site in which each workstation has so many workers of its own.
  private func records(_ stations: [String: Int]) -> [KPIRecord] {
    func record(_ scope: KPIScope, _ id: String, _ count: Int) -> KPIRecord {
      var record = KPIRecord(
        siteID: "s", scope: scope, id: id, window: Window(fromMs: 0, toMs: 1), nowMs: 1,
        values: [.init(metric: .units, scaled: 5)], quality: .good)
      record.distinctWorkers = count
      return record
    }
    func count(_ line: SiteLayout.Line) -> Int { line.workstations.reduce(0) { $0 + (stations[$1] ?? 0) } }
    var all = [record(.site, "s", stations.values.reduce(0, +))]
    all += Self.layout.areas.map { record(.area, $0.id, $0.lines.reduce(0) { $0 + count($1) }) }
    all += Self.layout.lines.map { record(.line, $0.id, count($0)) }
    all += stations.keys.sorted().map { record(.workstation, $0, stations[$0] ?? 0) }
    return all
  }

  private func withheld(_ stations: [String: Int], limit: Int) -> Set<String> {
    Set(
      SmallGroups(limit: limit, layout: Self.layout).withhold(records(stations)).filter(\.isWithheld)
        .map(\.id))
  }

  @Test func aLimitOfOneWithholdsNothing() { #expect(withheld(["s0": 1], limit: 1) == []) }

  @Test func machinesWithoutWorkersStay() {
    #expect(withheld(["s0": 0, "s1": 3, "s3": 4, "s5": 5], limit: 3) == [])
  }

  /// The line's figures less those of the others would be the one station's.
  @Test func theNextSmallestIsWithheldWithASingleOne() {
    #expect(withheld(["s0": 1, "s1": 4, "s2": 3, "s3": 5, "s5": 5], limit: 3) == ["s0", "s2"])
    #expect(withheld(["s0": 1, "s1": 2, "s2": 3, "s3": 5, "s5": 5], limit: 3) == ["s0", "s1"])
  }

  /// The line's stops less those that lists name would be the one station's.
  @Test func whatHasAWithheldStationShowsNoStops() {
    let known = records(["s0": 1, "s1": 4, "s2": 3, "s3": 5, "s4": 5, "s5": 5]).map { record in
      var record = record
      record.values += [.init(metric: .stops, scaled: 2), .init(metric: .stop, scaled: 9)]
      return record
    }
    let shown = SmallGroups(limit: 3, layout: Self.layout).withhold(known).filter { $0[.stops] != nil }
    #expect(Set(shown.map(\.id)) == ["s1", "s3", "s4", "s5", "l1", "a1", "l2"])
    #expect(shown.allSatisfy { $0[.stop] == 9 && $0[.units] == 5 })
  }

  /// A withheld line must not be the sum of its shown workstations.
  @Test func whatIsBelowAWithheldLineIsWithheld() {
    // l0 has 2 workers: withheld with its stations, and l1 with it, which would follow from the area.
    #expect(
      withheld(["s0": 1, "s1": 1, "s3": 5, "s4": 5, "s5": 9], limit: 3)
        == ["s0", "s1", "l0", "l1", "s3", "s4"])
  }

  @Test func aWithheldRecordHasIdsAndWindowOnly() throws {
    let record = try #require(records(["s0": 1]).first { $0.id == "s0" })
    #expect(
      String(decoding: record.withheld.json(revision: 3), as: UTF8.self).hasSuffix(
        #""site_id":"s","scope":"workstation","id":"s0","window":"custom","window_start_ms":0,"#
          + #""window_end_ms":1,"final":true,"rev":3,"withheld":true,"quality":0}"#))
  }

  /// Over random sites: nothing of few workers is shown, and no withheld figure is a shown parent less its shown
  /// children.
  @Test(.seeded) func nothingShownGivesAwayWhatIsWithheld() {
    var random = TestRandom(seed: Seed.one)
    for _ in 0..<3000 {
      let limit = 2 + Int(random.next() % 4)
      var stations: [String: Int] = [:]
      for number in 0..<8 where random.next() % 4 != 0 { stations["s\(number)"] = Int(random.next() % 7) }
      let all = SmallGroups(limit: limit, layout: Self.layout).withhold(records(stations))
      let counts = Dictionary(uniqueKeysWithValues: records(stations).map { ($0.scope.rawValue + $0.id, $0) })
      let hidden = Set(all.filter(\.isWithheld).map { $0.scope.rawValue + $0.id })
      func count(_ key: String) -> Int { counts[key]?.distinctWorkers ?? 0 }
      for record in all where !record.isWithheld {
        #expect(!(1..<limit ~= count(record.scope.rawValue + record.id)), "\(stations) limit \(limit)")
      }
      var families = Self.layout.lines.map { ("line" + $0.id, $0.workstations.map { "workstation" + $0 }) }
      families += Self.layout.areas.map { ("area" + $0.id, $0.lines.map { "line" + $0.id }) }
      families.append(("sites", ["areaa0", "areaa1", "workstations6", "workstations7"]))
      for (parent, children) in families where !hidden.contains(parent) {
        let own = children.filter { hidden.contains($0) }
        #expect(own.count != 1, "\(parent) of \(stations), limit \(limit), gives away \(own)")
      }
    }
  }
}
