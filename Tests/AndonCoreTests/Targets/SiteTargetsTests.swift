import TestSupport
import Testing

@testable import AndonCore

/// Targets over time: at each instant the newest change that covers it counts.
struct SiteTargetsTests {
  private static let subject = TargetSubject(.line, "l1")

  private static func change(_ random: inout TestRandom) -> TargetChange {
    let fromMs = Int64(random.next() % 30)
    let untilMs = random.next() % 3 == 0 ? Int64.max : fromMs + Int64(random.next() % 12)
    let rate = random.next() % 4 == 0 ? nil : TargetRate(microUnitsPerHour: 1 + Int64(random.next() % 5))
    return TargetChange(
      subject, fromMs: fromMs, untilMs: untilMs, rate: rate,
      labels: TargetLabels(order: random.next() % 2 == 0 ? "o" : nil))
  }

  private static func rate(
    at ms: Int64, _ configured: TargetRate?, _ changes: [TargetChange]
  ) -> TargetRate? {
    guard let newest = changes.last(where: { $0.fromMs <= ms && ms < $0.untilMs }) else { return configured }
    return newest.rate ?? configured
  }

  @Test(.seeded) func theNewestChangeThatCoversAnInstantCounts() throws {
    var random = TestRandom(seed: Seed.one)
    for number in 0..<10_000 {
      let configured = random.next() % 2 == 0 ? TargetRate(microUnitsPerHour: 7) : nil
      let changes = (0..<random.next() % 7).map { _ in Self.change(&random) }
      let targets = SiteTargets(configured.map { [Self.subject: $0] } ?? [:]).changed(by: changes)
      let spans = targets.spans(of: Self.subject)
      #expect(spans.allSatisfy { $0.startMs < $0.endMs }, "case \(number)")
      #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.endMs <= $1.startMs }, "case \(number)")
      let cut = Int64(random.next() % 30)
      let clipped = targets.clipped(to: 10..<20)
      let needed = SiteTargets.needed(changes, from: cut)
      let trimmed = SiteTargets(configured.map { [Self.subject: $0] } ?? [:])
        .changed(by: zip(changes, needed).filter(\.1).map(\.0))
      for ms in Int64(-1)...45 {
        let expected = Self.rate(at: ms, configured, changes)
        #expect(targets.span(of: Self.subject, at: ms)?.rate == expected, "case \(number), \(ms)")
        if 10..<20 ~= ms { #expect(clipped.span(of: Self.subject, at: ms)?.rate == expected) }
        if ms >= cut {
          #expect(
            trimmed.span(of: Self.subject, at: ms)?.rate == expected,
            "case \(number): without what decides nothing from \(cut) on, at \(ms)")
        }
      }
    }
  }

  /// A number of units for a shift, as a rate, gives that number again.
  @Test(.seeded) func unitsOfAShiftComeBack() throws {
    var random = TestRandom(seed: Seed.one)
    for _ in 0..<10_000 {
      let durationMs = 1000 + Int64(random.next() % 86_400_000)
      let units = 1 + Int64(random.next() % 100_000)
      guard let rate = TargetRate(units: units, inMs: durationMs) else { continue }
      let targets = SiteTargets([Self.subject: rate])
      let got = targets.units(of: Self.subject, in: 0..<durationMs) { $0.upperBound - $0.lowerBound }
      #expect(got == units, "\(units) in \(durationMs) ms")
    }
  }

  @Test func ratesHaveBounds() {
    #expect(TargetRate(unitsPerHour: 0) == nil)
    #expect(TargetRate(unitsPerHour: -1) == nil)
    #expect(TargetRate(unitsPerHour: 1e-7) == nil)
    #expect(TargetRate(unitsPerHour: 10_000_001) == nil)
    #expect(TargetRate(unitsPerHour: .infinity) == nil)
    #expect(TargetRate(unitsPerHour: 0.5)?.microUnitsPerHour == 500_000)
    #expect(TargetRate(unitsPerHour: 120)?.taktMs == 30_000)
    #expect(TargetRate(units: .max, inMs: 1) == nil)
    #expect(TargetRate(units: 5, inMs: 0) == nil)
  }
}
