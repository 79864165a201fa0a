import AndonCore
import TestSupport
import Testing

@Suite struct RateRuleTests {
  /// One hour a day, of the same slot each week.
  private func hours(_ counts: [Int64], from first: Int64 = 0) -> [RateHour] {
    counts.enumerated().map { index, count in
      RateHour(hour: first + Int64(index) * 24, slot: index % 7 * 24, count: count)
    }
  }

  private func verdicts(_ counts: [Int64], from first: Int64 = 0) -> [RateRule.Verdict] {
    RateRule.verdicts(hours(counts), from: first)
  }

  @Test func aCameraIsKnownAfterFourteenDays() {
    let found = verdicts(Array(repeating: 20, count: 16))
    #expect(found.map(\.hour) == [14 * 24, 15 * 24] && found.allSatisfy { $0.expected == 20 && !$0.isLow })
  }

  @Test func fortyPercentIsNotLow() {
    #expect(verdicts(Array(repeating: 20, count: 15) + [8]).last?.isLow == false)
    let low = verdicts(Array(repeating: 20, count: 15) + [7]).last
    #expect(low?.isLow == true && low?.limit == 8)
  }

  @Test func ofFewEventsThereIsNoVerdict() {
    #expect(verdicts(Array(repeating: 11, count: 20)).isEmpty)
    #expect(verdicts(Array(repeating: 12, count: 20)).count == 6)
  }

  /// One odd week does not shift the profile, and what is older than four weeks is forgotten.
  @Test func theProfileIsTheMedianOfFourWeeks() {
    func slot(_ counts: [Int64]) -> [RateHour] {
      counts.enumerated().map { RateHour(hour: Int64($0) * 168, slot: 0, count: $1) }
    }
    #expect(RateRule.verdicts(slot([50, 50, 900, 50, 20]), from: 600).last?.expected == 50)
    #expect(RateRule.verdicts(slot([900, 20, 20, 30, 40, 25]), from: 800).last?.expected == 20)
  }

  @Test func threeLowHoursRaiseAndOneThatIsNotClears() {
    let found = verdicts(Array(repeating: 20, count: 15) + [1, 1, 20, 1, 1, 1, 20, 20])
    let steps = RateRule.transitions(found, isRaised: false)
    #expect(steps.map(\.kind) == [.raised, .cleared])
    let hour: Int64 = 3_600_000
    #expect(steps[0].sinceMs == 18 * 24 * hour && steps[0].atMs == (20 * 24 + 1) * hour)
    #expect(steps[1].atMs == (21 * 24 + 1) * hour)
    #expect(RateRule.transitions(Array(found.suffix(1)), isRaised: true).map(\.kind) == [.cleared])
    #expect(RateRule.transitions([], isRaised: true).isEmpty)
  }

  @Test func theSlotIsTheHourOfTheWeek() {
    // 1970-01-01 was a Thursday; any begin of the week serves.
    #expect(RateHour.slot(localMs: 0) == 0 && RateHour.slot(localMs: -1) == 167)
    #expect(RateHour.slot(localMs: 168 * 3_600_000 + 3_599_999) == 0)
  }

  @Test(arguments: Seed.many(0..<200)) func verdictsEqualANaiveCount(seed: UInt64) {
    var random = TestRandom(seed: seed)
    var hours: [RateHour] = []
    var hour = Int64(random.next() % 1000)
    for _ in 0..<Int(random.next() % 900) {
      hour += 1 + (random.next() % 5 == 0 ? Int64(random.next() % 60) : 0)
      hours.append(
        RateHour(hour: hour, slot: Int(hour % 168), count: Int64(random.next() % 60)))
    }
    let first = Int64(random.next() % 2000)
    var expected: [RateRule.Verdict] = []
    for judged in hours where judged.hour >= first && judged.hour - hours[0].hour >= 336 {
      let same = hours.filter {
        $0.hour < judged.hour && $0.hour >= judged.hour - 672 && ($0.hour - judged.hour) % 168 == 0
      }
      guard same.count >= 2 else { continue }
      let median = same.map(\.count).sorted()[(same.count + 1) / 2 - 1]
      guard median >= 12 else { continue }
      expected.append(RateRule.Verdict(hour: judged.hour, count: judged.count, expected: median))
    }
    #expect(RateRule.verdicts(hours, from: first) == expected, "SEED=\(seed)")
  }
}
