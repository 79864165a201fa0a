import AndonCore
import Testing

@Suite struct ConfidenceLowRuleTests {
  private func run(
    _ confidences: [Int32], everyMs: Int64 = 10_000, settings: DriftSettings = DriftSettings(),
    fromMs: Int64 = 0
  ) -> ConfidenceLowRule {
    var rule = ConfidenceLowRule(settings: settings)
    feed(&rule, confidences, everyMs: everyMs, fromMs: fromMs)
    return rule
  }

  private func feed(_ rule: inout ConfidenceLowRule, _ confidences: [Int32], everyMs: Int64, fromMs: Int64) {
    for (index, confidence) in confidences.enumerated() {
      rule.apply(
        DriftSample(
          timestampMs: fromMs + Int64(index) * everyMs, eventID: "", workerID: "W1", confidencePpm: confidence
        ))
    }
  }

  private func isActive(_ rule: ConfidenceLowRule) -> Bool {
    if case .active = rule.state { true } else { false }
  }

  @Test func ninetyNineSamplesAreNoVerdict() {
    let rule = run(Array(repeating: 100_000, count: 99))
    #expect(rule.state == .insufficientData && rule.meanPpm == nil)
    #expect(run(Array(repeating: 100_000, count: 100)).state == .pending(sinceMs: 990_000))
  }

  @Test func exactlyAtTheLimitIsNotLowAndAMillionthBelowIs() {
    #expect(run(Array(repeating: 750_000, count: 100)).state == .normal)
    var samples = Array(repeating: Int32(750_000), count: 100)
    samples[50] = 749_999
    #expect(run(samples).state == .pending(sinceMs: 990_000))
  }

  @Test func theOnDelayMustBeExceeded() {
    // Pending from sample 100 on; each further one adds 10 s of cover.
    let exactly = run(Array(repeating: 700_000, count: 100 + 360))
    #expect(exactly.coverMs == 3_600_000 && !isActive(exactly))
    #expect(
      run(Array(repeating: 700_000, count: 100 + 361)).state == .active(sinceMs: 990_000, raisedMs: 4_600_000)
    )
  }

  @Test func anOnDelayOfZeroPagesAtOnce() {
    #expect(isActive(run(Array(repeating: 700_000, count: 100), settings: DriftSettings(onDelayMs: 0))))
  }

  @Test func aNightWithoutSamplesCountsTenMinutes() {
    var rule = run(Array(repeating: 700_000, count: 100))
    feed(&rule, [700_000], everyMs: 1, fromMs: 990_000 + 8 * 3_600_000)
    #expect(rule.coverMs == 600_000 && !isActive(rule))
  }

  @Test func anOcclusionOf45MinutesDoesNotPage() {
    let rule = run(Array(repeating: 880_000, count: 400) + Array(repeating: 400_000, count: 270))
    #expect(!isActive(rule))
    var after = rule
    feed(&after, Array(repeating: 880_000, count: 400), everyMs: 10_000, fromMs: 6_700_000)
    #expect(after.state == .normal && after.coverMs == 0)
  }

  @Test func clearingTakesTheClearLimitForTheClearDelay() {
    var rule = run(Array(repeating: 700_000, count: 600))
    #expect(isActive(rule))
    // Above the limit but below the clear limit is no recovery.
    feed(&rule, Array(repeating: 770_000, count: 600), everyMs: 10_000, fromMs: 6_000_000)
    #expect(isActive(rule))
    // The mean reaches 0.78 with the 34th of these; 30 minutes later the alert is over.
    feed(&rule, Array(repeating: 800_000, count: 34 + 179), everyMs: 10_000, fromMs: 12_000_000)
    #expect(isActive(rule))
    feed(&rule, [800_000], everyMs: 1, fromMs: 12_000_000 + 213 * 10_000)
    #expect(rule.state == .normal)
  }

  @Test func flappingAroundTheLimitRaisesOnceAndStays() {
    var rule = run(Array(repeating: 740_000, count: 600))
    var raised: Set<ConfidenceLowRule.State> = [rule.state]
    for round in 0..<20 {
      let confidence: Int32 = round % 2 == 0 ? 751_000 : 749_000
      feed(
        &rule, Array(repeating: confidence, count: 120), everyMs: 10_000,
        fromMs: 6_000_000 + Int64(round) * 1_200_000)
      raised.insert(rule.state)
    }
    #expect(raised.count == 1 && isActive(rule))
  }

  @Test func aCheckpointGoesOnAsIfNothingHappened() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    let settings = DriftSettings(window: 10, onDelayMs: 60_000, clearDelayMs: 60_000)
    var straight = ConfidenceLowRule(settings: settings)
    var restored = straight
    for step in 0..<5000 {
      let base = step / 300 % 2 == 0 ? 850_000 : 650_000
      let sample = DriftSample(
        timestampMs: Int64(step) * 5000, eventID: "é\(step)", workerID: "W",
        confidencePpm: Int32(base + random.below(100_000)))
      straight.apply(sample)
      restored.apply(sample)
      if random.below(7) == 0 {
        restored = try #require(ConfidenceLowRule(encoded: restored.encoded(), settings: settings))
      }
      #expect(straight == restored, "seed \(seed), step \(step)")
    }
    #expect(ConfidenceLowRule(encoded: straight.encoded(), settings: DriftSettings()) == nil)
  }

  @Test func brokenCheckpointsAreRefusedAndNeverTrap() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    let settings = DriftSettings(window: 5)
    let good = run([1, 2, 3, 4, 5, 6], settings: settings).encoded()
    for _ in 0..<5000 {
      var bytes = good
      bytes[random.below(bytes.count)] = UInt8(random.below(256))
      bytes.removeLast(random.below(3))
      _ = ConfidenceLowRule(encoded: bytes, settings: settings)
    }
    #expect(ConfidenceLowRule(encoded: [], settings: settings) == nil)
    #expect(ConfidenceLowRule(encoded: good + [0], settings: settings) == nil)
  }

  @Test func theAlertReadsAsTheContractSays() {
    let rule = run(Array(repeating: 710_000, count: 500))
    let record = AlertRecord(
      siteID: "plant-a", key: DriftKey(cameraID: "cam-01", modelVersion: "v1"), rule: rule, nowMs: 5_000_000,
      staleAfterMs: 600_000)
    #expect(
      record.state == .unackActive
        && record.message
          == "cam-01: mean confidence 0.71 over the last 100 events, below 0.75 for 1 h 00 min"
    )
    let text = String(decoding: record.json(), as: UTF8.self)
    #expect(text.contains(#""value":0.71,"limit":0.75,"clear_limit":0.78,"samples":100"#))
    #expect(record.occurrenceID?.count == 16)
  }
}
