import AndonCore
import Testing

@Suite struct ConfidenceLowRuleTests {
  private typealias Stream = DriftStream
  private let start = DriftStream.startMs

  /// All delays short, so that a test sees one limit alone.
  private func settings(
    window: Int = 1, onDelayMs: Int64 = 3_600_000, gapCreditMs: Int64 = 600_000,
    clearDelayMs: Int64 = 1_800_000
  ) -> DriftSettings {
    DriftSettings(
      window: window, onDelayMs: onDelayMs, gapCreditMs: gapCreditMs, clearDelayMs: clearDelayMs)
  }

  @Test func defaultsAreThoseOfTheConfiguration() {
    let settings = DriftSettings()
    #expect(settings.window == 100)
    #expect(settings.limitPpm == 750_000)
    #expect(settings.clearLimitPpm == 780_000)
    #expect(settings.onDelayMs == 3_600_000)
    #expect(settings.gapCreditMs == 600_000)
    #expect(settings.clearDelayMs == 1_800_000)
  }

  @Test func ninetyNineSamplesAreNoVerdict() {
    var stream = Stream()
    stream.add(99, 100_000, everyMs: 600_000)
    let (rule, transitions) = stream.folded(DriftSettings())
    #expect(rule.state == .insufficientData)
    #expect(rule.meanPpm == nil)
    #expect(rule.sampleCount == 99)
    #expect(transitions.isEmpty)
  }

  @Test func theHundredthSampleIsAVerdict() {
    var stream = Stream()
    stream.add(100, 100_000, everyMs: 600_000)
    let (rule, transitions) = stream.folded(DriftSettings())
    #expect(rule.state == .pending(sinceMs: stream.nowMs))
    #expect(rule.meanPpm == 100_000)
    #expect(rule.sampleCount == 100)
    #expect(rule.activeMs == 0, "what was before the verdict is no cover")
    #expect(transitions == [DriftTransition(kind: .pending, sinceMs: stream.nowMs, atMs: stream.nowMs)])
    #expect(rule.lastSample?.timestampMs == stream.nowMs && rule.lastSample?.confidencePpm == 100_000)
    #expect(rule.samplesAtLast == 1)
  }

  @Test func sampleCountStopsAtTheWindow() {
    var stream = Stream()
    stream.add(250, 900_000, everyMs: 1000)
    #expect(stream.folded(DriftSettings()).rule.sampleCount == 100)
  }

  @Test func aMeanExactlyAtTheLimitIsNotLow() {
    var stream = Stream()
    stream.add(100, 750_000, everyMs: 600_000)
    #expect(stream.folded(DriftSettings()).rule.state == .normal)
  }

  @Test func oneMillionthInOneSampleIsLow() {
    var stream = Stream()
    stream.add(99, 750_000, everyMs: 600_000)
    stream.add(1, 749_999, everyMs: 600_000)
    let rule = stream.folded(DriftSettings()).rule
    #expect(rule.state == .pending(sinceMs: stream.nowMs))
    #expect(rule.meanPpm == 749_999, "floored, so a low mean never shows as the limit")
  }

  @Test func coverEqualToTheOnDelayStaysPending() {
    var stream = Stream()
    stream.add(7, 700_000, everyMs: 600_000)
    let (rule, transitions) = stream.folded(settings())
    #expect(rule.activeMs == 3_600_000)
    #expect(rule.state == .pending(sinceMs: start))
    #expect(transitions.map(\.kind) == [.pending])
  }

  @Test func coverOneMillisecondBeyondTheOnDelayRaises() {
    var stream = Stream()
    stream.add(7, 700_000, everyMs: 600_000)
    stream.add(1, 700_000, everyMs: 1)
    let (rule, transitions) = stream.folded(settings())
    #expect(rule.activeMs == 3_600_001)
    #expect(rule.state == .active(sinceMs: start, raisedMs: stream.nowMs))
    #expect(
      transitions == [
        DriftTransition(kind: .pending, sinceMs: start, atMs: start),
        DriftTransition(kind: .raised, sinceMs: start, atMs: stream.nowMs),
      ])
  }

  @Test func aNightWithoutSamplesIsCreditedTenMinutes() {
    var stream = Stream()
    stream.add(4, 700_000, everyMs: 600_000)
    stream.add(1, 700_000, everyMs: 8 * Stream.hourMs)
    let rule = stream.folded(settings()).rule
    #expect(rule.activeMs == 2_400_000)
    #expect(rule.state == .pending(sinceMs: start))
  }

  @Test func anOnDelayOfZeroPagesAtOnce() {
    var stream = Stream()
    stream.add(1, 700_000, everyMs: 0)
    let (rule, transitions) = stream.folded(settings(onDelayMs: 0))
    #expect(rule.state == .active(sinceMs: start, raisedMs: start))
    #expect(transitions == [DriftTransition(kind: .raised, sinceMs: start, atMs: start)])
  }

  @Test func anOnDelayOfZeroStillWaitsForTheWindow() {
    var stream = Stream()
    stream.add(99, 0, everyMs: 1000)
    #expect(stream.folded(settings(window: 100, onDelayMs: 0)).rule.state == .insufficientData)
    stream.add(1, 0, everyMs: 1000)
    #expect(
      stream.folded(settings(window: 100, onDelayMs: 0)).rule.state
        == .active(sinceMs: stream.nowMs, raisedMs: stream.nowMs))
  }

  @Test func aMeanAtTheLimitWithdrawsAndTheNextRunStartsFromNothing() {
    var stream = Stream()
    stream.add(7, 700_000, everyMs: 600_000)
    stream.add(1, 750_000, everyMs: 600_000)
    let withdrawnMs = stream.nowMs
    #expect(stream.folded(settings()).rule.state == .normal)
    #expect(stream.folded(settings()).rule.activeMs == 0)
    stream.add(1, 700_000, everyMs: 600_000)
    let (rule, transitions) = stream.folded(settings())
    #expect(rule.activeMs == 0)
    #expect(
      transitions == [
        DriftTransition(kind: .pending, sinceMs: start, atMs: start),
        DriftTransition(kind: .withdrawn, sinceMs: start, atMs: withdrawnMs),
        DriftTransition(kind: .pending, sinceMs: stream.nowMs, atMs: stream.nowMs),
      ])
  }

  @Test func anAlertClearsOnceTheClearLimitHeldForTheClearDelay() {
    var stream = Stream()
    stream.add(1, 700_000, everyMs: 0)
    stream.add(1, 780_000, everyMs: Stream.minuteMs)
    stream.add(1, 780_000, everyMs: 1_799_999)
    #expect(
      stream.folded(settings(onDelayMs: 0)).rule.state == .active(sinceMs: start, raisedMs: start))
    stream.add(1, 780_000, everyMs: 1)
    let (rule, transitions) = stream.folded(settings(onDelayMs: 0))
    #expect(rule.state == .normal)
    #expect(transitions.last == DriftTransition(kind: .cleared, sinceMs: start, atMs: stream.nowMs))
  }

  @Test func betweenTheLimitsAnAlertNeverClears() {
    var stream = Stream()
    stream.add(1, 700_000, everyMs: 0)
    stream.add(1000, 779_999, everyMs: 600_000)
    let (rule, transitions) = stream.folded(settings(onDelayMs: 0))
    #expect(rule.state == .active(sinceMs: start, raisedMs: start))
    #expect(rule.activeMs == 0, "no gap lay between two low means")
    #expect(transitions.map(\.kind) == [.raised])
  }

  @Test func aRecoveryThatBreaksOffStartsOver() {
    var stream = Stream()
    stream.add(1, 700_000, everyMs: 0)
    stream.add(2, 780_000, everyMs: 1_700_000)
    stream.add(1, 779_999, everyMs: 1000)
    stream.add(2, 780_000, everyMs: 1_700_000)
    let settings = settings(onDelayMs: 0)
    #expect(stream.folded(settings).rule.state == .active(sinceMs: start, raisedMs: start))
    stream.add(1, 780_000, everyMs: 100_000)
    #expect(stream.folded(settings).rule.state == .normal)
  }

  @Test func theRecoveryIsPlainEventTimeWithoutGapCredit() {
    var stream = Stream()
    stream.add(1, 700_000, everyMs: 0)
    stream.add(1, 780_000, everyMs: 1000)
    stream.add(1, 780_000, everyMs: 8 * Stream.hourMs)
    #expect(stream.folded(settings(onDelayMs: 0)).rule.state == .normal)
  }

  @Test func flappingAroundTheLimitWhileActiveIsOnePage() {
    var stream = Stream()
    stream.add(1, 749_000, everyMs: 0)
    for _ in 0..<500 {
      stream.add(1, 751_000, everyMs: 600_000)
      stream.add(1, 749_000, everyMs: 600_000)
    }
    let (rule, transitions) = stream.folded(settings(onDelayMs: 0))
    #expect(transitions.map(\.kind) == [.raised])
    #expect(rule.state == .active(sinceMs: start, raisedMs: start))
  }

  @Test func flappingAroundTheLimitBeforeTheOnDelayIsNoPage() {
    var stream = Stream()
    for _ in 0..<500 {
      stream.add(1, 749_000, everyMs: 600_000)
      stream.add(1, 751_000, everyMs: 600_000)
    }
    let transitions = stream.folded(settings()).transitions
    #expect(Set(transitions.map(\.kind)) == [.pending, .withdrawn])
    #expect(transitions.count == 1000)
  }

  /// At 360 samples an hour the occlusion leaves the window in less than 17 minutes.
  @Test(arguments: [0, 200_000, 500_000] as [Int32])
  func anOcclusionOf45MinutesDoesNotPage(confidencePpm: Int32) {
    var stream = Stream()
    stream.add(1000, 880_000, everyMs: 10_000)
    stream.add(270, confidencePpm, everyMs: 10_000)
    stream.add(1000, 880_000, everyMs: 10_000)
    #expect(stream.folded(DriftSettings()).transitions.map(\.kind) == [.pending, .withdrawn])
  }

  @Test func anOcclusionOfThreeHoursPagesOnceAndClears() {
    var stream = Stream()
    stream.add(1000, 880_000, everyMs: 10_000)
    stream.add(1080, 200_000, everyMs: 10_000)
    stream.add(1000, 880_000, everyMs: 10_000)
    #expect(stream.folded(DriftSettings()).transitions.map(\.kind) == [.pending, .raised, .cleared])
  }

  /// 72 of 100 samples at 0.70 bring 0.88 to 0.7504; the 73rd brings it below 0.75 (0.7486). After an hour of
  /// active duration plus one sample it is raised.
  @Test func aStepTo070PagesAfterAnHourAndAQuarter() throws {
    var stream = Stream()
    stream.add(1000, 880_000, everyMs: 10_000)
    let stepMs = stream.nowMs
    stream.add(1000, 700_000, everyMs: 10_000)
    let raised = try #require(stream.folded(DriftSettings()).transitions.first { $0.kind == .raised })
    #expect(raised.sinceMs == stepMs + 73 * 10_000)
    #expect(raised.atMs == raised.sinceMs + 3_610_000)
  }

  @Test func samplesAreOrderedByTimeEventWorkerAndConfidence() {
    func sample(_ time: Int64, _ event: String, _ worker: String, _ ppm: Int32) -> DriftSample {
      DriftSample(timestampMs: time, eventID: event, workerID: worker, confidencePpm: ppm)
    }
    let ordered = [
      sample(1, "z", "z", 9), sample(2, "", "W9", 8), sample(2, "a", "W1", 7), sample(2, "a", "W10", 6),
      sample(2, "a", "W2", 4), sample(2, "a", "W2", 5),
    ]
    #expect(ordered.reversed().sorted() == ordered)
  }

  @Test func aSampleBeforeTheLastOneIsAnError() async {
    await #expect(processExitsWith: .failure) {
      var rule = ConfidenceLowRule(settings: DriftSettings())
      rule.apply(DriftStream.sample(1000, 900_000))
      rule.apply(DriftStream.sample(999, 900_000))
    }
  }
}
