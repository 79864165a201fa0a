import TestSupport
import Testing

@testable import AndonCore

@Suite struct TimelineSummaryTests {
  static let timeoutMs: Int64 = 600_000

  static func event(_ atMs: Int64, _ kind: EventKind, _ station: String = "S1", id: String = "") -> Event {
    Event(
      timestampMs: atMs, workerID: "W1", workstationID: station, kind: kind, confidencePpm: 900_000,
      count: kind == .productCount ? 2 : 0, eventID: id)
  }

  static func summary(_ events: [Event]) -> TimelineSummary {
    let numbers = Numbers()
    for station in ["S0", "S1", "S2"] { _ = numbers.number(station) }
    return TimelineSummary(
      of: numbers.list(events.map { ($0, "cam") }, originMs: 0), originMs: 0, timeoutMs: timeoutMs,
      hasWorker: true)
  }

  static func decoded(_ bytes: [UInt8]) -> TimelineSummary? {
    TimelineSummary(encoded: bytes.span, originMs: 0)
  }

  @Test func theEmptyOneIsTheIdentity() {
    let empty = TimelineSummary(timeoutMs: Self.timeoutMs)
    let some = Self.summary([Self.event(5, .working), Self.event(9, .productCount)])
    #expect(empty.combined(with: some) == some && some.combined(with: empty) == some)
    #expect(empty.combined(with: empty) == empty && empty.isEmpty && !some.isEmpty)
  }

  @Test func theHoldAtTheSeamBelongsToTheLeftState() {
    let left = Self.summary([Self.event(0, .working)])
    let right = Self.summary([Self.event(600_001, .productCount, "S2"), Self.event(600_101, .idle, "S2")])
    let joined = left.combined(with: right)
    #expect(
      joined.runs == [
        TimelineRun(startMs: 0, endMs: 600_000, state: .working, station: 0),
        TimelineRun(startMs: 600_001, endMs: 600_101, state: .working, station: 0),
      ])
    #expect(joined.stations.map(\.workstation) == [2, 3] && joined.lastStation == 1)
  }

  @Test func runsOfOneStateGrowTogether() {
    let summary = Self.summary((0..<100).map { Self.event(Int64($0) * 1000, .working, id: "\($0)") })
    #expect(
      summary.runs == [TimelineRun(startMs: 0, endMs: 99_000, state: .working, station: 0)])
    #expect(summary.encoded(originMs: 0).count <= 32)
  }

  @Test func aDamagedSummaryIsRefused() {
    let bytes = Self.summary([Self.event(5, .working), Self.event(9, .idle, "S2")]).encoded(originMs: 0)
    for length in 0..<bytes.count {
      #expect(Self.decoded(Array(bytes.prefix(length))) == nil)
    }
    #expect(Self.decoded(bytes + [0]) == nil && Self.decoded([9] + bytes.dropFirst()) == nil)
    #expect(Self.decoded(bytes) != nil)
  }

  /// Joining is associative, equals one summary of all events, and survives its encoding.
  @Test(.seeded) func joiningPiecesEqualsOneSummary() throws {
    let seed = Seed.one
    var random = TestRandom(seed: seed)
    for round in 0..<3000 {
      let events = (0..<random.below(16)).map { index in
        let step = [0, 1, 599_999, 600_000, 600_001, 90_000, 1_300_000][random.below(7)]
        return Self.event(
          Int64(step * random.below(4) + random.below(2)), EventKind.allCases[random.below(4)],
          "S\(random.below(3))", id: "\(index)")
      }
      let sorted = events.sorted(by: Event.timelinePrecedes)
      let whole = Self.summary(events)
      let cuts = [random.below(sorted.count + 1), random.below(sorted.count + 1)].sorted()
      let parts = [0..<cuts[0], cuts[0]..<cuts[1], cuts[1]..<sorted.count].map {
        Self.summary(Array(sorted[$0]))
      }
      let leftFirst = parts[0].combined(with: parts[1]).combined(with: parts[2])
      let rightFirst = parts[0].combined(with: parts[1].combined(with: parts[2]))
      #expect(leftFirst == rightFirst && leftFirst == whole, "seed \(seed), round \(round)")
      guard !whole.isEmpty else { continue }
      let bytes = whole.encoded(originMs: 0)
      let decoded = try #require(Self.decoded(bytes))
      #expect(decoded.encoded(originMs: 0) == bytes, "seed \(seed), round \(round)")
      #expect(Self.summary(events.shuffled(using: &random)).encoded(originMs: 0) == bytes)
    }
  }
}
