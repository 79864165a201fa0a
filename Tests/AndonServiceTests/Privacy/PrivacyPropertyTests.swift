import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonStore

/// What does not know workers is as exact about workstations, lines and the site as what does.
@Suite(.ownThread) struct PrivacyPropertyTests {
  private static let timeoutMs: Int64 = 600_000
  private static let hour: Int64 = 3_600_000
  private static let areas = """
    , areas: [{id: a0, lines: [{id: l0, workstations: [S0, S1]}, {id: l1, workstations: [S2]}]},
      {id: a1, lines: [{id: l2, workstations: [S3]}]}]
    """
  private static let withoutWorkers: Set<KPIScope> = [.site, .area, .line, .workstation]

  private static func events(_ random: inout SeededRandom, workers: Int, hours: Int64) -> [Event] {
    var events: [Event] = []
    let startMs = TestSite.nowMs - hours * hour
    for worker in 0..<workers {
      var atMs = startMs + Int64(random.next() % 600_000)
      while atMs < TestSite.nowMs {
        let kind = EventKind.allCases[Int(random.next() % 4)]
        events.append(
          Event(
            timestampMs: atMs, workerID: kind == .productCount && random.next() % 3 == 0 ? "" : "W\(worker)",
            workstationID: "S\(random.next() % 5)", kind: kind,
            confidencePpm: 600_000 + Int32(random.next() % 400_000),
            count: kind == .productCount ? Int32(random.next() % 4) : 0, eventID: "W\(worker)-\(events.count)"
          ))
        atMs += [1000, 60_000, 300_000, timeoutMs, timeoutMs + 1, 2_000_000][Int(random.next() % 6)]
      }
    }
    events.shuffle(using: &random)
    return events
  }

  private static func sites(_ modes: [String]) throws -> [PrivateSite] {
    let folder = try TemporaryFolder.make("privacy").path
    return try modes.enumerated().map { place, mode in
      try PrivateSite(
        "\(mode), key_file: '\(folder)/\(place).key'", more: areas, folder: folder, name: "data\(place)")
    }
  }

  private static func window(_ random: inout SeededRandom) -> (Int64, Int64) {
    let from = TestSite.nowMs - Int64(random.next() % UInt64(30 * hour))
    return (from, min(TestSite.nowMs, from + 1 + Int64(random.next() % UInt64(12 * hour))))
  }

  /// With one pseudonym for ever, every figure but the worker's name is the same.
  @Test(.seeded) func withoutRotationFiguresAreThoseOfNames() throws {
    var random = SeededRandom(state: Seed.one)
    let sites = try Self.sites(["workers: named", "workers: pseudonym, rotate: never"])
    let events = Self.events(&random, workers: 6, hours: 30)
    for site in sites {
      for part in stride(from: 0, to: events.count, by: 37) {
        try site.add(Array(events[part..<min(part + 37, events.count)]))
      }
    }
    #expect(try sites[0].store.counters() == sites[1].store.counters())
    for round in 0..<40 {
      let (from, to) = Self.window(&random)
      let named = try sites[0].figures(from, to, scopes: Self.withoutWorkers)
      #expect(try sites[1].figures(from, to, scopes: Self.withoutWorkers) == named, "round \(round)")
      guard round % 5 == 0 else { continue }
      #expect(try sites[1].figures(from, to) == sites[1].figures(from, to, recomputes: true))
    }
  }

  /// With a rotation: sums equal the recompute for all scopes, `off` equals `pseudonym`, units are those of names, and
  /// times differ by no more than each worker's time around the rotations.
  @Test(.seeded, arguments: 0..<4) func aRotationCostsTheTimeAroundItOnly(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part))
    let sites = try Self.sites(["workers: named", "workers: pseudonym", "workers: off"])
    let workers = 5
    let events = Self.events(&random, workers: workers, hours: 30)
    for site in sites { try site.add(events) }
    for round in 0..<30 {
      let (from, to) = Self.window(&random)
      let figures = try sites[1].figures(from, to, scopes: Self.withoutWorkers)
      #expect(
        try sites[2].figures(from, to, scopes: Self.withoutWorkers) == figures, "part \(part), round \(round)"
      )
      #expect(try sites[2].figures(from, to).allSatisfy { !$0.contains(#""scope":"worker""#) })
      let all = try sites[1].figures(from, to)
      #expect(try sites[1].figures(from, to, recomputes: true) == all, "part \(part), round \(round)")
      func records(_ site: PrivateSite) throws -> [String: KPIRecord] {
        let all = try KPIQuery(site: site.site, scopes: [.workstation, .line, .area])
          .range(fromMs: from, toMs: to, site.store, nowMs: to)
        return Dictionary(uniqueKeysWithValues: all.map { ($0.scope.rawValue + $0.id, $0) })
      }
      let (named, rotated) = (try records(sites[0]), try records(sites[1]))
      let changes = (0..<6).map {
        TestSite.nowMs - TestSite.nowMs % (24 * Self.hour) + (Int64($0) * 8 - 26) * Self.hour
      }
      .filter { $0 < to }
      // A state that was set before a rotation is known again with the next event that sets one.
      let slack = Self.lost(events, at: changes, in: from..<to)
      for (id, record) in named {
        let other = rotated[id]
        #expect((other?[.units] ?? 0) == record[.units] ?? 0, "\(id) in round \(round)")
        for metric in [KPIMetric.working, .occupied, .labor] {
          #expect(
            abs((other?[metric] ?? 0) - (record[metric] ?? 0)) <= slack,
            "\(metric) of \(id) in round \(round)")
        }
      }
    }
  }

  /// The most that states of before the rotations can last after them: of each worker, until the next state.
  private static func lost(_ events: [Event], at changes: [Int64], in range: Range<Int64>) -> Int64 {
    let states = Dictionary(
      grouping: events.filter { $0.kind.isState && ($0.confidencePpm ?? .max) >= 700_000 }, by: \.workerID)
    return changes.reduce(0) { sum, change in
      sum
        + states.values.reduce(0) { sum, events in
          let next = events.map(\.timestampMs).filter { $0 >= change }.min() ?? TestSite.nowMs
          return sum + Int64((change..<max(change, next)).clamped(to: range).count)
        }
    }
  }

  /// Whether a record is withheld does not depend on what is asked for, and both ways of computing agree.
  @Test(.seeded) func smallGroupsAreWithheldInEveryAnswer() throws {
    var random = SeededRandom(state: Seed.one)
    let site = try Self.sites(["workers: pseudonym, min_group: 3"])[0]
    try site.add(Self.events(&random, workers: 4, hours: 30))
    var withheld = 0
    for round in 0..<60 {
      let from = TestSite.nowMs - Int64(random.next() % UInt64(30 * Self.hour))
      let to = min(TestSite.nowMs, from + 1 + Int64(random.next() % UInt64(2 * Self.hour)))
      let all = try site.figures(from, to)
      withheld += all.count { $0.contains(#""withheld":true"#) }
      #expect(try site.figures(from, to, recomputes: true) == all, "round \(round)")
      for scope in [KPIScope.site, .area, .line, .workstation] {
        let own = all.filter { $0.contains(#""scope":"\#(scope.rawValue)""#) }
        #expect(try site.figures(from, to, scopes: [scope]) == own, "\(scope) in round \(round)")
      }
    }
    #expect(withheld > 50)
  }

  /// Two people have six pseudonyms in a day of three shifts, and are two all the same.
  @Test(arguments: ["shift", "day", "never"]) func aGroupIsOfPeopleNotOfPseudonyms(rotation: String) throws {
    var random = SeededRandom(state: Seed.one)
    let sites = try Self.sites(
      [2, 3].map { "workers: pseudonym, rotate: \(rotation), min_group: \($0)" })
    let events = Self.events(&random, workers: 2, hours: 30)
    for site in sites { try site.add(events) }
    for hours in [9, 24, 29] {
      let from = TestSite.nowMs - Int64(hours) * Self.hour
      for recomputes in [false, true] {
        let (two, three) = (
          try sites[0].figures(from, TestSite.nowMs, recomputes: recomputes, scopes: [.site, .workstation]),
          try sites[1].figures(from, TestSite.nowMs, recomputes: recomputes, scopes: [.site, .workstation])
        )
        #expect(two.contains { !$0.contains(#""withheld":true"#) }, "two are enough for two")
        #expect(three.count > 4 && three.allSatisfy { $0.contains(#""withheld":true"#) }, "never three")
      }
    }
  }
}
