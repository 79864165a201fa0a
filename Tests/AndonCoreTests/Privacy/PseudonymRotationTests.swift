import AndonCore
import TestSupport
import Testing

@Suite struct PseudonymRotationTests {
  /// A zone with a clock that is set forward and back, in a night with a shift's start.
  private static let berlin = ZoneOffsets(
    initialOffsetMs: 3_600_000,
    transitions: [
      .init(atMs: 1_774_746_000_000, offsetMs: 7_200_000),  // 2026-03-29T01:00Z
      .init(atMs: 1_792_890_000_000, offsetMs: 3_600_000),  // 2026-10-25T01:00Z
    ])

  private func naive(_ kind: PseudonymRotation.Kind, _ ms: Int64, _ minutes: Set<Int>) -> Range<Int64> {
    func isChange(_ ms: Int64) -> Bool {
      let (local, before) = (Self.berlin.localMs(at: ms), Self.berlin.localMs(at: ms - 60_000))
      // A reading that occurs twice counts once, one that is skipped at the instant of the change.
      func crosses(_ minute: Int64) -> Bool {
        let day = local - ((local % 86_400_000) + 86_400_000) % 86_400_000
        let at = day + minute * 60_000
        return before < at && at <= local && Self.berlin.instantMs(local: at) == ms
      }
      return minutes.contains { minute in
        guard crosses(Int64(minute)) else { return false }
        return kind != .week || LocalDate(dayNumber: local / 86_400_000).weekday == .mon
      }
    }
    var start = ms - ((ms % 60_000) + 60_000) % 60_000
    while !isChange(start) { start -= 60_000 }
    var end = start + 60_000
    while !isChange(end) { end += 60_000 }
    return start..<end
  }

  @Test(.seeded, arguments: PseudonymRotation.Kind.allCases.filter { $0 != .never })
  func periodsAreThoseOfAWalkThroughTheMinutes(kind: PseudonymRotation.Kind) {
    var random = TestRandom(seed: Seed.one)
    let starts = [360, 840, 1320, 150]
    let rotation = PseudonymRotation(kind, zone: Self.berlin, shiftStarts: starts)
    let around: [Int64] = [1_774_746_000_000, 1_792_890_000_000, 1_780_000_000_000]
    for _ in 0..<40 {
      let ms = around[Int(random.next() % 3)] + Int64(random.next() % 400_000_000) - 200_000_000
      let period = rotation.period(containing: ms)
      #expect(period == naive(kind, ms, kind == .shift ? Set(starts) : [0]), "\(kind) at \(ms)")
      #expect(rotation.period(containing: period.upperBound).lowerBound == period.upperBound)
      #expect(rotation.period(containing: period.lowerBound) == period)
    }
  }

  @Test func neverHasOnePeriod() {
    let rotation = PseudonymRotation(.never, zone: .utc, shiftStarts: [360])
    #expect(rotation.period(containing: 1_780_000_000_000) == 0..<Int64.max)
  }
}
