import AndonCore
import TestSupport
import Testing

@Suite struct DriftDetectorTests {
  private static let seeds = Seed.many(1..<31)
  private static let hour = DriftStream.hourMs

  private func steps(
    _ samples: [DriftSample], _ rule: AlarmRule, _ settings: DetectorSettings = DetectorSettings()
  ) -> [RuleStep] {
    var series = DriftSeries(settings: settings)
    return samples.flatMap { series.apply($0).steps }.filter { $0.rule == rule }
  }

  private func kinds(_ samples: [DriftSample], _ rule: AlarmRule) -> [DriftTransition.Kind] {
    steps(samples, rule).map(\.transition.kind)
  }

  // MARK: gate_share

  @Test func aQuarterBelowTheGateIsNotTooMuch() {
    var stream = DriftStream()
    for _ in 0..<200 {
      stream.add(1, 699_999, everyMs: 60_000)
      stream.add(3, 900_000, everyMs: 60_000)
    }
    #expect(kinds(stream.samples, .gateShare).isEmpty)
  }

  @Test func oneMoreBelowTheGateForAnHourIs() {
    var stream = DriftStream()
    stream.add(74, 900_000, everyMs: 60_000)
    stream.add(26, 699_999, everyMs: 60_000)
    // The window moves on: the oldest sample equals the new one, so the share stays at 26 %.
    for _ in 0..<2 {
      stream.add(74, 700_000, everyMs: 60_000)
      stream.add(26, 699_999, everyMs: 60_000)
    }
    let found = steps(stream.samples, .gateShare)
    #expect(found.map(\.transition.kind) == [.pending, .raised])
    #expect(found.last?.valuePpm == 260_000)
    #expect(found.map(\.transition.atMs).last == DriftStream.startMs + 99 * 60_000 + 61 * 60_000)
  }

  @Test func allSamplesBelowTheGateAreSeenByBothRules() {
    var stream = DriftStream()
    stream.add(300, 500_000, everyMs: 60_000)
    #expect(kinds(stream.samples, .gateShare) == [.pending, .raised])
    #expect(kinds(stream.samples, .confidenceLow) == [.pending, .raised])
  }

  @Test func theShareClearsBelowAnEighth() {
    var stream = DriftStream()
    stream.add(200, 500_000, everyMs: 60_000)
    for _ in 0..<25 {
      stream.add(1, 500_000, everyMs: 60_000)
      stream.add(7, 900_000, everyMs: 60_000)
    }
    // 12.5 % is not below 12.5 %.
    #expect(kinds(stream.samples, .gateShare) == [.pending, .raised])
    stream.add(60, 900_000, everyMs: 60_000)
    #expect(kinds(stream.samples, .gateShare) == [.pending, .raised, .cleared])
  }

  // MARK: confidence_sparse

  @Test func twentyNineSamplesADayAreNoVerdict() {
    var stream = DriftStream()
    stream.add(200, 500_000, everyMs: 24 * Self.hour / 28 + 1)
    #expect(kinds(stream.samples, .confidenceSparse).isEmpty)
  }

  @Test func thirtySamplesADayAre() {
    var stream = DriftStream()
    stream.add(37, 500_000, everyMs: 24 * Self.hour / 29)
    // Low with the 30th; each gap counts ten minutes, so the seventh one after it exceeds an hour.
    let found = steps(stream.samples, .confidenceSparse)
    #expect(found.map(\.transition.kind) == [.pending, .raised])
    #expect(found.last?.transition.sinceMs == stream.samples[29].timestampMs)
    #expect(found.last?.transition.atMs == stream.samples[36].timestampMs)
  }

  @Test func aBusyCameraIsTheOtherRulesBusiness() {
    var stream = DriftStream()
    stream.add(1000, 880_000, everyMs: 10_000)
    stream.add(2000, 600_000, everyMs: 10_000)
    #expect(kinds(stream.samples, .confidenceSparse).isEmpty)
    #expect(kinds(stream.samples, .confidenceLow) == [.pending, .raised])
  }

  @Test(arguments: seeds) func theSparseMeanIsThatOfTheLastDay(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DetectorSettings(low: DriftSettings(window: 40))
    var series = DriftSeries(settings: settings)
    var samples: [DriftSample] = []
    var atMs = DriftStream.startMs
    for number in 0..<600 {
      atMs += [1, 60_000, 1_000_000, 2_500_000, 9_000_000, 100_000_000].randomElement(using: &random)!
      samples.append(DriftStream.sample(atMs, .random(in: 500_000...900_000, using: &random), number))
      samples.sort()
      _ = series.apply(samples[samples.count - 1])
      let detector = series.detector
      let recent = samples.suffix(40).filter { atMs - $0.timestampMs <= 86_400_000 }
      let sum = recent.reduce(Int64(0)) { $0 + Int64($1.confidencePpm) }
      let measure = detector.measure(of: .confidenceSparse)
      #expect(measure.samples == recent.count, "seed \(seed), sample \(number)")
      #expect(
        measure.value == (recent.count >= 30 ? sum / Int64(recent.count) / 10_000 : nil), "seed \(seed)")
      let below = samples.suffix(40).count { $0.confidencePpm < 700_000 }
      let share: Int64? = samples.count >= 40 ? Int64(below) * 250 : nil
      #expect(detector.measure(of: .gateShare).value == share, "seed \(seed)")
    }
  }

  // MARK: confidence_drop

  /// Two samples an hour, so that the last closed hour is closed by a sample of the next one.
  private func week(_ good: Int32, then bad: Int32, hours: Int) -> [DriftSample] {
    var stream = DriftStream()
    stream.add(2 * 24 * 8, good, everyMs: Self.hour / 2)
    stream.add(2 * hours + 1, bad, everyMs: Self.hour / 2)
    return stream.samples
  }

  @Test func fifteenPercentBelowLastWeekIsNotMore() {
    #expect(kinds(week(800_000, then: 680_000, hours: 48), .confidenceDrop).isEmpty)
  }

  @Test func oneMillionthMoreIs() throws {
    let found = steps(week(800_000, then: 679_999, hours: 48), .confidenceDrop)
    #expect(found.map(\.transition.kind) == [.raised])
    // Only a day of the lower samples alone is that low.
    let first = try #require(found.first)
    #expect(first.transition.atMs == DriftStream.startMs + (8 + 1) * 24 * Self.hour)
  }

  @Test func aDayOfFewerThanThirtySamplesIsNoVerdict() {
    var stream = DriftStream()
    stream.add(24 * 8 * 2, 900_000, everyMs: Self.hour / 2)
    stream.add(24 * 3, 300_000, everyMs: Self.hour)
    // The mixed day after the change has at least 30 samples; a day of 24 alone would not.
    let found = steps(stream.samples, .confidenceDrop)
    #expect(found.count == 1)
    let sparse = stream.samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    #expect(steps(sparse, .confidenceDrop).isEmpty)
  }

  @Test func sixGoodHoursClear() {
    var stream = DriftStream()
    stream.add(2 * 24 * 8, 800_000, everyMs: Self.hour / 2)
    stream.add(2 * 30, 600_000, everyMs: Self.hour / 2)
    stream.add(2 * 40, 800_000, everyMs: Self.hour / 2)
    let found = steps(stream.samples, .confidenceDrop)
    #expect(found.map(\.transition.kind) == [.raised, .cleared])
    // 720 000 is 10 % below: the day's mean is above it from the 15th good hour on, the sixth of them clears.
    let backMs = DriftStream.startMs + (8 * 24 + 30) * Self.hour
    #expect(found[1].transition.atMs == backMs + 20 * Self.hour)
  }

  // MARK: confidence_shift

  private func profile(hours: Int, _ confidence: (Int) -> Int32) -> [DriftSample] {
    // Five samples make an hour that counts in full.
    (0...hours).flatMap { hour in
      (0..<5).map {
        DriftStream.sample(DriftStream.startMs + Int64(hour) * Self.hour + $0, confidence(hour), hour)
      }
    }
  }

  @Test func anHourOfOneSampleCountsAFifth() {
    let samples = profile(hours: 14 * 24 + 80) { $0 < 14 * 24 + 6 ? 880_000 : 800_000 }
    let sparse = samples.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
    let found = steps(sparse, .confidenceShift)
    let stepMs = DriftStream.startMs + (14 * 24 + 6) * Self.hour
    // 0.006 an hour: the 42nd is the first beyond 0.25.
    #expect(found.map(\.transition.atMs) == [stepMs + 42 * Self.hour])
  }

  @Test func aStepOfEightPointsIsFoundInNineHours() throws {
    let samples = profile(hours: 14 * 24 + 48) { $0 < 14 * 24 + 6 ? 880_000 : 800_000 }
    let found = steps(samples, .confidenceShift)
    #expect(found.map(\.transition.kind) == [.raised])
    // 0.03 an hour: the ninth is the first beyond 0.25.
    let stepMs = DriftStream.startMs + (14 * 24 + 6) * Self.hour
    #expect(found[0].transition == .init(kind: .raised, sinceMs: stepMs, atMs: stepMs + 9 * Self.hour))
  }

  @Test func aStepOfFivePointsIsSlack() {
    #expect(
      steps(profile(hours: 14 * 24 + 300) { $0 < 14 * 24 ? 880_000 : 830_000 }, .confidenceShift).isEmpty)
  }

  @Test func theLightOfTheDayIsNoShift() {
    // Twelve points up and down every day: the same profile every day.
    let samples = profile(hours: 40 * 24) { 880_000 - 10_000 * Int32(abs(12 - $0 % 24)) }
    #expect(steps(samples, .confidenceShift).isEmpty)
  }

  @Test func anHourCountsFifteenPointsAtMostAndTheSumIsForgotten() {
    let start = 14 * 24 + 6
    let samples = profile(hours: start + 40) { start..<(start + 2) ~= $0 ? 100_000 : 880_000 }
    let found = steps(samples, .confidenceShift)
    // 0.15 + 0.15 is beyond 0.25 with the second hour; 0.05 an hour brings 0.30 below 0.05 with the sixth.
    #expect(found.map(\.transition.kind) == [.raised, .cleared])
    #expect(found[1].transition.atMs - found[0].transition.atMs == 6 * Self.hour)
  }

  /// The definition, from all hours at once: the running state must lead to the same steps.
  @Test(arguments: seeds) func dropsFollowFromTheHoursAlone(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    var samples: [DriftSample] = []
    var atMs = DriftStream.startMs
    var level: Int32 = 900_000
    for number in 0..<4000 {
      atMs += [1, 600_000, 1_800_000, 5_400_000, 40_000_000].randomElement(using: &random)!
      if number % 400 == 0 { level = .random(in: 500_000...950_000, using: &random) }
      samples.append(DriftStream.sample(atMs, level + .random(in: -40_000...40_000, using: &random), number))
    }
    var hours: [Int64: (count: Int64, sum: Int64)] = [:]
    for sample in samples {
      hours[HourSum.hour(of: sample.timestampMs), default: (0, 0)].count += 1
      hours[HourSum.hour(of: sample.timestampMs), default: (0, 0)].sum += Int64(sample.confidencePpm)
    }
    func mean(_ last: Int64) -> Int64? {
      let day = (last - 23...last).compactMap { hours[$0] }
      let count = day.reduce(0) { $0 + $1.count }
      return count >= 30 ? day.reduce(0) { $0 + $1.sum } / count : nil
    }
    var expected: [DriftTransition.Kind] = []
    var good = 0
    var isRaised = false
    for hour in hours.keys.sorted().dropLast() {
      guard let now = mean(hour), let before = mean(hour - 168) else { continue }
      if !isRaised, now * 100 < before * 85 {
        expected.append(.raised)
        (isRaised, good) = (true, 0)
      } else if isRaised {
        good = now * 100 > before * 90 ? good + 1 : 0
        if good == 6 {
          expected.append(.cleared)
          isRaised = false
        }
      }
    }
    #expect(kinds(samples, .confidenceDrop) == expected, "seed \(seed)")
  }

  @Test func duringTheBaselineNothingIsSaid() {
    #expect(steps(profile(hours: 14 * 24 - 1) { $0 < 100 ? 880_000 : 500_000 }, .confidenceShift).isEmpty)
  }

  // MARK: All

  @Test(arguments: seeds) func aDetectorThatWasStoredGoesOnIdentically(seed: UInt64) throws {
    var random = DriftRandom(seed: seed)
    let settings = DetectorSettings(low: DriftStream.randomSettings(using: &random))
    var straight = DriftSeries(settings: settings)
    var stored = straight
    for sample in DriftStream.random(2500, using: &random) {
      if Int.random(in: 0..<40, using: &random) == 0 {
        let detector = try #require(
          DriftDetector(encoded: stored.detector.encoded(), settings: settings), "seed \(seed)")
        stored = DriftSeries(detector: detector, history: stored.history)
      }
      let (told, toldByStored) = (straight.apply(sample), stored.apply(sample))
      guard told.steps == toldByStored.steps, told.closedHour == toldByStored.closedHour else {
        Issue.record("seed \(seed): \(told) is not \(toldByStored)")
        return
      }
    }
    #expect(straight.detector == stored.detector, "seed \(seed)")
    #expect(straight.detector.encoded() == stored.detector.encoded(), "seed \(seed)")
  }

  @Test(arguments: seeds) func damagedBytesAreRefusedOrTakeTheNextSample(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DetectorSettings(low: DriftStream.randomSettings(using: &random))
    var series = DriftSeries(settings: settings)
    for sample in DriftStream.random(400, using: &random) { _ = series.apply(sample) }
    let bytes = series.detector.encoded()
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(DriftDetector(encoded: Array(bytes.prefix(count)), settings: settings) == nil)
    }
    #expect(DriftDetector(encoded: bytes + [0], settings: settings) == nil)
    for _ in 0..<300 {
      var damaged = bytes
      damaged[.random(in: 0..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
      guard var read = DriftDetector(encoded: damaged, settings: settings) else { continue }
      let last = read.lastSample?.timestampMs ?? 0
      guard abs(last) < 1 << 50 else { continue }
      _ = read.apply(DriftStream.sample(last + 1, 800_000)) { series.history.between($0) }
    }
  }

  @Test func stateOfOtherSettingsIsRefused() {
    let bytes = DriftDetector(settings: DetectorSettings()).encoded()
    #expect(DriftDetector(encoded: bytes, settings: DetectorSettings()) != nil)
    #expect(DriftDetector(encoded: bytes, settings: DetectorSettings(gatePpm: 1)) == nil)
    #expect(
      DriftDetector(encoded: bytes, settings: DetectorSettings(low: DriftSettings(window: 99))) == nil)
  }

  @Test func aDetectorStaysSmall() {
    var stream = DriftStream()
    stream.add(24 * 20 * 12, 880_000, everyMs: Self.hour / 12)
    var series = DriftSeries(settings: DetectorSettings())
    var largest = 0
    for (index, sample) in stream.samples.enumerated() {
      _ = series.apply(sample)
      if index % 100 == 0 { largest = max(largest, series.detector.encoded().count) }
    }
    #expect(largest < 1250, "\(largest)")
    #expect(MemoryLayout<DriftDetector>.size < 512, "\(MemoryLayout<DriftDetector>.size)")
  }
}
