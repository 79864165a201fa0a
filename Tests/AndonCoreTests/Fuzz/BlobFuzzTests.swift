import Foundation
import Testing

@testable import AndonCore

/// Decoders of stored data: no bytes lead to a trap, not even those whose checksum happens to match.
@Suite struct BlobFuzzTests {
  private static let seed =
    ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
  private let origin: Int64 = 1_795_219_200_000

  /// Valid bytes, cut, changed and mixed; or random ones.
  private func mutated(_ sound: [UInt8], _ random: inout TestRandom) -> [UInt8] {
    if random.next() % 8 == 0 {
      return (0..<random.next() % 80).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    var bytes = sound
    for _ in 0..<1 + random.next() % 3 where !bytes.isEmpty {
      let index = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 4 {
      case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[index] ^= 1 << UInt8(random.next() % 8)
      case 2:
        bytes.replaceSubrange(index..<index, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F])
      default: bytes.removeSubrange(index...)
      }
    }
    return bytes
  }

  private func summary(_ random: inout TestRandom) -> [UInt8] {
    var summary = TimelineSummary(timeoutMs: 600_000)
    var atMs = origin
    for _ in 0..<1 + random.next() % 12 {
      atMs += Int64(random.next() % 70_000)
      let kind = EventKind.allCases[Int(random.next() % 4)]
      summary.append(
        EventList.Entry(
          offset: UInt32(atMs - origin), kind: kind, isAccepted: true, count: kind == .productCount ? 3 : 0,
          workstation: Int32(2 + random.next() % 3), camera: 5), originMs: origin)
    }
    return summary.encoded(originMs: origin)
  }

  @Test func noBytesOfASummaryLeadToATrap() {
    print("SEED=\(Self.seed)")
    var random = TestRandom(seed: Self.seed)
    let window = Window(kind: .hour, startMs: origin, endMs: origin + 3_600_000)
    var taken = 0
    for _ in 0..<20_000 {
      var fold = WindowAggregator(
        siteID: "s", window: SiteWindow(window), timeoutMs: 600_000,
        firstSetMs: random.next() % 2 == 0 ? [1: 0] : [:],
        scopes: random.next() % 2 == 0 ? [.site] : Set(KPIScope.allCases))
      let worker: Int32 = random.next() % 5 == 0 ? 0 : 1
      do throws(WindowAggregator.Failure) {
        let before = mutated(summary(&random), &random)
        if random.next() % 2 == 0 {
          try fold.carry(worker: worker, before.span, originMs: origin - 900_000)
        }
        fold.beginWindow()
        for slice in 0..<Int64(2) {
          try add(worker, to: &fold, originMs: origin + slice * 900_000, &random)
          taken += 1
        }
      } catch {
        continue
      }
      _ = try? fold.endSlice(at: window.endMs) { "name \($0)" }
      _ = try? fold.records(nowMs: window.endMs, offlineCameras: []) { "name \($0)" }
    }
    #expect(taken > 100, "some are taken, or this says nothing")
  }

  /// Adds a summary, or sums, of damaged bytes.
  private func add(
    _ worker: Int32, to fold: inout WindowAggregator, originMs: Int64, _ random: inout TestRandom
  ) throws(WindowAggregator.Failure) {
    let sound = summary(&random)
    guard random.next() % 2 == 0, let summary = TimelineSummary(encoded: sound.span, originMs: origin),
      let isPlanned = fold.sumsArePlanned(in: originMs..<originMs + 900_000)
    else { return try fold.add(worker: worker, mutated(sound, &random).span, originMs: originMs) }
    var record: [UInt8] = []
    WorkerSums(worker: worker, summary, originMs: origin).append(to: &record)
    let bytes = mutated(record, &random)
    guard let count = WorkerSums.count(bytes.span), count > 0 else { throw .malformed }
    try fold.add(WorkerSums(bytes.span, at: 0), originMs: originMs, isPlanned: isPlanned)
  }

  /// What is taken is a list in order within its bucket, and is written again as the same bytes.
  @Test func noBytesOfAnIndexOfRowsLeadToATrap() {
    var random = TestRandom(seed: Self.seed &+ 7)
    var taken = 0
    for _ in 0..<20_000 {
      let offsets = (0..<random.next() % 12).map { _ in UInt32(random.next() % 900_000) }.sorted()
      var entries: [SampleList.Entry] = []
      let events = EventList(
        offsets.map { offset in
          let kind = EventKind.allCases[Int(random.next() % 4)]
          return EventList.Entry(
            offset: offset, kind: kind, isAccepted: random.next() % 2 == 0,
            count: kind == .productCount ? Int32(random.next() % 3) : 0,
            workstation: Int32(1 + random.next() % 3),
            camera: Int32(4 + random.next() % 2))
        })
      for offset in offsets {
        let confidence = random.next() % 5 == 0 ? nil : Int32(random.next() % 1_000_001)
        entries.append(
          SampleList.Entry(offset: offset, confidencePpm: confidence, isAccepted: random.next() % 2 == 0))
      }
      #expect(EventList(encoded: events.encoded().span) == events)
      let bytes = mutated(events.encoded(), &random)
      if let read = EventList(encoded: bytes.span) {
        taken += 1
        #expect(read.entries.map(\.offset) == read.entries.map(\.offset).sorted())
        #expect(read.entries.allSatisfy { $0.offset < 900_000 && 0...10_000 ~= $0.units })
        #expect(EventList(encoded: read.encoded().span) == read)
      }
      let sampleBytes = mutated(SampleList(entries).encoded(), &random)
      if let read = SampleList(encoded: sampleBytes.span) {
        taken += 1
        #expect(read.entries.map(\.offset) == read.entries.map(\.offset).sorted())
        #expect(read.entries.allSatisfy { $0.offset < 900_000 && 0...1_000_000 ~= $0.confidencePpm ?? 0 })
        #expect(SampleList(encoded: read.encoded().span) == read)
      }
    }
    #expect(taken > 1000, "some are taken, or this says nothing")
  }

  @Test func noBytesOfASummaryOrACompactedBucketLeadToATrap() {
    var random = TestRandom(seed: Self.seed &+ 1)
    for _ in 0..<20_000 {
      let bytes = mutated(summary(&random), &random)
      let far: [Int64] = [origin, 0, .min, .max, -(1 << 60)]
      for origin in far {
        if let summary = TimelineSummary(encoded: bytes.span, originMs: origin) {
          _ = summary.combined(with: summary)
          _ = summary.encoded(originMs: origin)
        }
      }
      _ = CompactedBucket.visit(bytes.span) { _, _ in }
    }
  }

  @Test func noBytesOfADetectorLeadToATrap() {
    var random = TestRandom(seed: Self.seed &+ 2)
    let settings = DetectorSettings(
      low: DriftSettings(
        window: 5, limitPpm: 750_000, clearLimitPpm: 780_000, onDelayMs: 60_000, gapCreditMs: 60_000,
        clearDelayMs: 60_000), gatePpm: 700_000)
    var detector = DriftDetector(settings: settings)
    var hours: [HourSum] = []
    var states: [[UInt8]] = [detector.encoded()]
    var atMs = origin
    for number in 0..<800 {
      atMs += 1_800_000
      let sample = DriftStream.sample(atMs, number % 100 < 50 ? 900_000 : 600_000, number)
      let result = detector.apply(sample) { range in hours.filter { range.contains($0.hour) } }
      if let hour = result.closedHour { hours.append(hour) }
      if number % 50 == 0 { states.append(detector.encoded()) }
    }
    var taken = 0
    for _ in 0..<20_000 {
      let bytes = mutated(states[Int(random.next() % UInt64(states.count))], &random)
      guard var detector = DriftDetector(encoded: bytes, settings: settings) else { continue }
      taken += 1
      let lastMs = detector.lastSample?.timestampMs ?? origin
      for number in 1..<Int64(60) {
        _ = detector.apply(DriftStream.sample(lastMs + number * 3_600_000, 650_000, 9)) { _ in [] }
      }
      for rule in DriftDetector.rules {
        _ = (detector.state(of: rule), detector.measure(of: rule), detector.isBadNow(rule))
      }
    }
    #expect(taken > 100, "some are taken, or this says nothing")
  }

  private func soundCount(_ bytes: [UInt8], _ key: Checksum) -> Int? {
    ChecksummedBlob.soundCount(bytes.span, key)
  }

  @Test func aChangedByteOrKeyAlwaysChangesTheChecksum() {
    var random = TestRandom(seed: Self.seed &+ 3)
    for count in 0..<70 {
      let plain = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var key = Checksum(domain: 1)
      key.add(Int64(count))
      var sealed = plain
      ChecksummedBlob.append(key, to: &sealed)
      #expect(soundCount(sealed, key) == count)
      var other = Checksum(domain: 1)
      other.add(Int64(count + 1))
      #expect(soundCount(sealed, other) == nil)
      for index in sealed.indices {
        var damaged = sealed
        let cut = Array(sealed[..<index])
        damaged[index] ^= UInt8(1 + random.next() % 255)
        #expect(soundCount(damaged, key) == nil)
        #expect(soundCount(cut, key) == nil)
      }
    }
  }
}
