import AndonCore
import TestSupport
import Testing

@Suite struct ClockSkewRuleTests {
  private func rule(_ count: Int, everyMs: Int64, receivedEveryMs: Int64? = nil, skewMs: Int64)
    -> ClockSkewRule
  {
    var rule = ClockSkewRule()
    for index in 0..<Int64(count) {
      rule.push(
        timestampMs: index * everyMs - skewMs, receivedMs: index * (receivedEveryMs ?? everyMs))
    }
    return rule
  }

  @Test func ninetyNineEventsAreNoVerdict() {
    #expect(rule(99, everyMs: 1000, skewMs: 60_000).isSkewed == nil)
    #expect(rule(100, everyMs: 1000, skewMs: 60_000).isSkewed == true)
  }

  @Test func exactlyThirtySecondsAreFineEitherWay() {
    for sign in [Int64(1), -1] {
      #expect(rule(100, everyMs: 1000, skewMs: sign * 30_000).isSkewed == false)
      #expect(rule(100, everyMs: 1000, skewMs: sign * 30_001).isSkewed == true)
    }
  }

  @Test func aBacklogIsNoSkew() {
    // An hour late and delivered a hundred times as fast as it happened.
    #expect(rule(200, everyMs: 1000, receivedEveryMs: 10, skewMs: 3_600_000).medianMs == nil)
  }

  @Test func aJumpIsSeenOnceTheOldEventsAreGone() {
    var rule = rule(100, everyMs: 1000, skewMs: 0)
    for index in Int64(100)..<250 {
      rule.push(timestampMs: index * 1000 + 3_600_000, receivedMs: index * 1000)
    }
    #expect(rule.medianMs == -3_600_000)
    for index in Int64(250)..<360 { rule.push(timestampMs: index * 1000, receivedMs: index * 1000) }
    #expect(rule.isSkewed == false)
  }

  /// The median is not computed while it cannot matter: that must never hide a verdict.
  @Test(.seeded) func aVerdictIsNeverMissedWithoutTheMedian() {
    var random = TestRandom(seed: Seed.one)
    var verdicts = 0
    for _ in 0..<200 {
      var rule = ClockSkewRule()
      let share = random.below(101)
      for index in Int64(0)..<Int64(100 + random.below(300)) {
        let sign: Int64 = share % 2 == 0 ? 1 : -1
        let skewMs = sign * (random.below(100) < share ? 30_001 : 30_000)
        rule.push(timestampMs: index * 1000 - skewMs, receivedMs: index * 1000)
        guard rule.isSkewed == true else { continue }
        verdicts += 1
        #expect(rule.isPossiblySkewed)
      }
    }
    #expect(verdicts > 1000)
    #expect(!rule(200, everyMs: 1000, skewMs: 30_000).isPossiblySkewed)
  }

  @Test func eventsFromTheFutureCountAlthoughTheyAreRejected() {
    var rule = ClockSkewRule()
    for index in Int64(0)..<100 { rule.pushTooFuture(receivedMs: index * 1000) }
    #expect(rule.isSkewed == true)
  }
}

@Suite struct RejectRateRuleTests {
  private func push(_ rule: inout RejectRateRule, _ good: Int, _ bad: Int) {
    for _ in 0..<bad { _ = rule.push(isRejected: true) }
    for _ in 0..<good { _ = rule.push(isRejected: false) }
  }

  @Test func ninetyNineEventsAreNoVerdict() {
    var rule = RejectRateRule()
    push(&rule, 0, 99)
    #expect(!rule.isHigh)
    let isNew = rule.push(isRejected: true)
    #expect(isNew && rule.isHigh)
  }

  @Test func fivePercentAreNotMoreThanFivePercent() {
    var rule = RejectRateRule()
    for _ in 0..<50 {
      push(&rule, 19, 0)
      push(&rule, 0, 1)
    }
    #expect(!rule.isHigh && rule.rejected == 50 && rule.percentHundredths == 500)
    push(&rule, 0, 1)
    #expect(rule.isHigh && rule.rejected == 51)
  }

  @Test func itClearsBelowOnePercentOnly() {
    var rule = RejectRateRule()
    push(&rule, 0, 100)
    push(&rule, 900, 0)
    #expect(rule.isHigh && rule.rejected == 100)
    push(&rule, 90, 0)
    #expect(rule.isHigh && rule.rejected == 10)
    let isNew = rule.push(isRejected: false)
    #expect(isNew && !rule.isHigh && rule.rejected == 9)
  }

  @Test(.seeded) func itAgreesWithACountOverTheLastThousand() {
    var random = DriftRandom(seed: Seed.one)
    var rule = RejectRateRule()
    var fates: [Bool] = []
    for index in 0..<5000 {
      let isRejected = Int.random(in: 0..<100, using: &random) < (index / 700 % 2 == 0 ? 2 : 12)
      fates.append(isRejected)
      _ = rule.push(isRejected: isRejected)
      #expect(rule.rejected == fates.suffix(1000).count { $0 })
    }
  }
}

@Suite struct SilenceRuleTests {
  private let shift = Window(
    kind: .shift, startMs: 0, endMs: 28_800_000, shiftID: "early", breaks: [10_000_000..<11_000_000])

  private func since(
    _ nowMs: Int64, last: Int64, listening: Int64 = -1_000_000, shift: Window? = nil
  ) -> Int64? {
    SilenceRule.silentSince(
      lastReceivedMs: last, listeningSinceMs: listening, shift: shift ?? self.shift, nowMs: nowMs,
      limitMs: 900_000)
  }

  @Test func exactlyTheLimitIsNotSilentYet() {
    #expect(since(1_900_000, last: 1_000_000) == nil)
    #expect(since(1_900_001, last: 1_000_000) == 1_000_000)
  }

  @Test func theNightBeforeDoesNotCount() {
    #expect(since(900_000, last: -9_000_000) == nil)
    #expect(since(900_001, last: -9_000_000) == 0)
  }

  @Test func aBreakDoesNotCount() {
    #expect(since(10_500_000, last: 9_000_000) == nil)
    #expect(since(11_900_000, last: 9_000_000) == nil)
    #expect(since(11_900_001, last: 9_000_000) == 11_000_000)
  }

  @Test func aBridgeThatWasAwayHeardNothingEither() {
    #expect(since(5_000_000, last: 1_000_000, listening: 4_500_000) == nil)
  }

  @Test func outsideOfShiftsNothingIsSaid() {
    #expect(
      SilenceRule.silentSince(
        lastReceivedMs: 0, listeningSinceMs: 0, shift: nil, nowMs: 99_000_000, limitMs: 900_000) == nil)
  }
}

@Suite struct ProductivityRuleTests {
  private func results(_ units: [Int64], type: (Int) -> String = { _ in "early" }) -> [ShiftResult] {
    units.enumerated().map { index, units in
      let start = Int64(index) * 28_800_000
      return ShiftResult(
        workstationID: "S1", shiftID: type(index), startMs: start, endMs: start + 28_800_000, units: units,
        utilization: nil)
    }
  }

  private func transitions(_ units: [Int64]) -> [DriftTransition.Kind] {
    ProductivityRule.transitions(ProductivityRule.verdicts(results(units))).map(\.transition.kind)
  }

  @Test func thirteenShiftsAreNoBaseline() {
    #expect(ProductivityRule.verdicts(results(Array(repeating: 100, count: 13) + [0])).count == 0)
    #expect(ProductivityRule.verdicts(results(Array(repeating: 100, count: 14) + [0])).map(\.isOff) == [true])
  }

  @Test func sigmaIsAtLeastTwoPercentOfTheMean() {
    let steady = Array(repeating: Int64(1000), count: 14)
    for (units, isOff) in [(960, false), (959, true), (1040, false), (1041, true)] as [(Int64, Bool)] {
      #expect(ProductivityRule.verdicts(results(steady + [units])).last?.isOff == isOff, "\(units)")
    }
  }

  @Test func aScatteredBaselineForgivesMore() {
    // Mean 1000, deviation 100 exactly.
    let scattered = (0..<14).map { Int64($0 % 2 == 0 ? 900 : 1100) }
    #expect(ProductivityRule.verdicts(results(scattered + [800])).last?.isOff == false)
    #expect(ProductivityRule.verdicts(results(scattered + [799])).last?.isOff == true)
    #expect(ProductivityRule.verdicts(results(scattered + [799])).last?.sigma == 100)
  }

  @Test func oneShiftCallsNobodyTwoOfThreeDo() {
    let steady = Array(repeating: Int64(1000), count: 20)
    #expect(transitions(steady + [500]) == [])
    #expect(transitions(steady + [500, 1000, 1000, 500]) == [])
    #expect(transitions(steady + [500, 1000, 500]) == [.raised])
    #expect(transitions(steady + [500, 500, 1000]) == [.raised, .cleared])
    // The shifts of an episode that is over do not raise the next one.
    #expect(transitions(steady + [500, 500, 1000, 500]) == [.raised, .cleared])
  }

  @Test func everyTypeHasItsOwnBaseline() {
    let units = (0..<40).map { Int64($0 % 2 == 0 ? 1000 : 300) }
    let verdicts = ProductivityRule.verdicts(results(units) { $0 % 2 == 0 ? "early" : "night" })
    #expect(verdicts.count == 12 && verdicts.allSatisfy { !$0.isOff })
  }
}
