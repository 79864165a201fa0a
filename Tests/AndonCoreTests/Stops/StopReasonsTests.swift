import TestSupport
import Testing

@testable import AndonCore

/// To which stop a reason belongs: against an oracle that counts milliseconds, in ten thousand random cases.
@Suite(.seeded) struct StopReasonsTests {
  private static let catalog = [
    StopReason(id: "material", name: "No material"), StopReason(id: "setup", name: "Setup", isPlanned: true),
  ]

  private struct Case {
    var spans: [Range<Int64>] = []
    var given: [GivenReason] = []

    init(_ random: inout TestRandom) {
      var atMs = Int64(random.below(6))
      for _ in 0..<random.below(5) {
        let endMs = atMs + 1 + Int64(random.below(12))
        spans.append(atMs..<endMs)
        atMs = endMs + Int64(random.below(6))
      }
      for number in 0..<random.below(5) {
        let startMs = Int64(random.below(50))
        let isOpen = random.below(2) == 0
        given.append(
          GivenReason(
            number: Int64(number), workstationID: random.below(5) == 0 ? "S2" : "S1", startMs: startMs,
            endMs: isOpen ? nil : startMs + 1 + Int64(random.below(15)),
            reasonID: [nil, "material", "setup"][random.below(3)], by: "m",
            // Now and then the clock was set back.
            atMs: startMs - 2 + Int64(random.below(20))))
      }
    }

    /// From the text of the rule, millisecond by millisecond.
    func naive() -> [Int64?] {
      var newest = [GivenReason?](repeating: nil, count: spans.count)
      for reason in given where reason.workstationID == "S1" {
        let saidMs = max(reason.atMs, reason.startMs + 1)
        var untilMs = reason.endMs ?? saidMs
        if reason.endMs == nil {
          // The stop that was there just before it was said.
          for span in spans where Array(span).contains(saidMs - 1) { untilMs = span.upperBound }
        }
        var (best, most): (Int?, Int) = (nil, 0)
        for (place, span) in spans.enumerated() {
          let common = span.filter { $0 >= reason.startMs && $0 < untilMs }.count
          if common > 0, common >= most { (best, most) = (place, common) }
        }
        if let best, newest[best].map({ $0.number < reason.number }) ?? true { newest[best] = reason }
      }
      return newest.map { $0?.reasonID == nil ? nil : $0?.number }
    }
  }

  @Test func aReasonBelongsToTheStopThatOverlapsItsTimeMost() {
    var random = TestRandom(seed: Seed.one)
    var (found, taken) = (0, 0)
    for number in 0..<10_000 {
      let one = Case(&random)
      let expected = one.naive()
      let reasons = StopReasons(Self.catalog, given: one.given.shuffled(using: &random))
      let given = reasons.given(at: "S1", for: one.spans)
      #expect(given.map { $0?.number } == expected, "case \(number): \(one)")
      found += expected.count { $0 != nil }
      taken += one.given.count { $0.reasonID == nil && $0.place(among: one.spans) != nil }
    }
    #expect(found > 2500 && taken > 1000, "\(found) \(taken)")
  }

  private static func given(
    _ number: Int64, _ startMs: Int64, _ endMs: Int64?, _ reason: String?, atMs: Int64 = 100
  ) -> GivenReason {
    GivenReason(
      number: number, workstationID: "S1", startMs: startMs, endMs: endMs, reasonID: reason, by: "m",
      atMs: atMs)
  }

  private static func reasons(_ spans: [Range<Int64>], _ given: GivenReason...) -> [String?] {
    StopReasons(catalog, given: given).given(at: "S1", for: spans).map { $0?.reasonID }
  }

  @Test func aSplitStopKeepsItsReasonInTheLargerPart() {
    let whole = Self.given(1, 0, 100, "material")
    #expect(Self.reasons([0..<100], whole) == ["material"])
    #expect(Self.reasons([0..<40, 45..<100], whole) == [nil, "material"])
    #expect(Self.reasons([0..<60, 65..<100], whole) == ["material", nil])
    // Of equal parts the newer one keeps it, and nothing is dropped when no stop is left.
    #expect(Self.reasons([0..<40, 60..<100], whole) == [nil, "material"])
    #expect(Self.reasons([], whole) == [] && Self.reasons([200..<300], whole) == [nil])
    // Given while it was open, it holds for the stop to its end, and not for the next one.
    let open = Self.given(2, 0, nil, "setup", atMs: 50)
    #expect(Self.reasons([0..<40, 45..<300, 310..<900], open) == [nil, "setup", nil])
    #expect(Self.reasons([0..<40, 60..<900], open) == ["setup", nil])
  }

  @Test func theNewestReasonCountsAndNoneTakesItAway() {
    let (first, second) = (Self.given(1, 0, 100, "material"), Self.given(2, 0, 100, "setup"))
    #expect(Self.reasons([0..<100], second, first) == ["setup"])
    #expect(Self.reasons([0..<100], first, second, Self.given(3, 0, 100, nil)) == [nil])
    // When the stop splits, both count, each where its time is.
    #expect(
      Self.reasons([0..<40, 45..<100], Self.given(1, 0, 40, "material"), second) == ["material", "setup"])
  }

  @Test func plannedAndNamesFollowTheConfiguration() {
    let reasons = StopReasons(Self.catalog)
    #expect(reasons.isPlanned(Self.given(1, 0, 1, "setup")) && !reasons.isPlanned(nil))
    #expect(!reasons.isPlanned(Self.given(1, 0, 1, "material")))
    #expect(reasons.reason("gone") == StopReason(id: "gone", name: "gone") && !reasons.isConfigured("gone"))
  }
}
