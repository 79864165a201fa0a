import Testing

@testable import AndonCore

/// The rules about stops, one by one, in minutes.
@Suite struct StopTests {
  private static let minute: Int64 = 60_000
  /// 06:00 to 14:00 with a break from 10:00 to 10:15, as minutes after 06:00.
  private static let shift = StopShift(
    Window(
      kind: .shift, startMs: 0, endMs: 480 * minute, shiftID: "early",
      breaks: [240 * minute..<255 * minute]))!

  private static func stops(
    work: [ClosedRange<Int64>], otherwise state: StationState = .vacant, now: Int64 = 600
  ) -> [Stop] {
    var runs: [StationRun] = []
    var lastMs: Int64 = 0
    for span in work {
      if lastMs < span.lowerBound * minute {
        runs.append(StationRun(startMs: lastMs, endMs: span.lowerBound * minute, state: state))
      }
      runs.append(
        StationRun(startMs: span.lowerBound * minute, endMs: span.upperBound * minute, state: .working))
      lastMs = span.upperBound * minute
    }
    if lastMs < 480 * minute { runs.append(StationRun(startMs: lastMs, endMs: 480 * minute, state: state)) }
    return StopFinder.stops(at: "S1", runs, in: shift, nowMs: now * minute, minMs: 3 * minute)
  }

  private static func text(_ stops: [Stop]) -> [String] {
    stops.map { stop in
      "\(stop.startMs / minute)–\(stop.endMs / minute) \(stop.durationMs / minute) \(stop.isMicro ? "micro" : "stop")"
        + (stop.isOpen ? " open" : "")
    }
  }

  @Test func exactlyTheLeastLengthIsAMicroStop() {
    #expect(
      Self.text(Self.stops(work: [0...100, 103...200, 204...480])) == ["100–103 3 micro", "200–204 4 stop"])
  }

  @Test func aBreakDoesNotEndAStop() {
    #expect(Self.text(Self.stops(work: [0...238, 257...480])) == ["238–257 4 stop"])
  }

  @Test func aStopBeginsAndEndsInPlannedTime() {
    #expect(Self.text(Self.stops(work: [0...245, 260...480])) == ["255–260 5 stop"])
    #expect(Self.text(Self.stops(work: [0...230, 250...480])) == ["230–240 10 stop"])
    #expect(Self.text(Self.stops(work: [0...242, 250...480])).isEmpty)
  }

  @Test func workInABreakEndsAStop() {
    #expect(
      Self.text(Self.stops(work: [0...230, 245...247, 260...480])) == ["230–240 10 stop", "255–260 5 stop"])
  }

  @Test func anOpenOneIsAMicroStopUntilItIsLonger() {
    #expect(Self.text(Self.stops(work: [0...100], now: 103)) == ["100–103 3 micro open"])
    #expect(Self.text(Self.stops(work: [0...100], now: 104)) == ["100–104 4 stop open"])
    #expect(Self.text(Self.stops(work: [0...230], now: 250)) == ["230–240 10 stop open"])
  }

  @Test func theEndOfTheShiftEndsAStop() {
    #expect(Self.text(Self.stops(work: [0...470], now: 480)) == ["470–480 10 stop"])
    #expect(Self.text(Self.stops(work: [0...470], now: 479)) == ["470–479 9 stop open"])
    #expect(Self.text(Self.stops(work: [])) == ["0–480 465 stop"])
  }

  @Test func theKindTellsWhatTheStationDid() {
    for state in StationState.allCases where state != .working {
      #expect(Self.stops(work: [0...100], otherwise: state).map(\.kind.rawValue) == [state.rawValue])
    }
    let mixed = [
      StationRun(startMs: 0, endMs: Self.minute, state: .idle),
      StationRun(startMs: Self.minute, endMs: 480 * Self.minute, state: .vacant),
    ]
    let stops = StopFinder.stops(at: "S1", mixed, in: Self.shift, nowMs: .max, minMs: 0)
    #expect(stops.map(\.kind) == [.mixed])
    #expect(stops.map(\.id) == ["S1:0"])
  }

  @Test func aStationTakesPartByWhatItDidInTheShiftOrSevenDaysBefore() {
    let day = CivilTime.millisecondsPerDay
    #expect(Self.shift.evidence(nowMs: .max) == -7 * day..<480 * Self.minute)
    #expect(Self.shift.evidence(nowMs: 5) == -7 * day..<5)
    #expect(Self.shift.evidence(nowMs: -8 * day).isEmpty)
  }
}
