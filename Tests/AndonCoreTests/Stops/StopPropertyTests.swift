import TestSupport
import Testing

@testable import AndonCore

/// Stops against an oracle that looks at each millisecond, in ten thousand random cases.
@Suite(.seeded) struct StopPropertyTests {
  private static let timeoutMs: Int64 = 9

  /// As the store joins them: from summaries of workers and from the events of the range.
  private static func timelines(
    of histories: [WorkerHistory], in range: Range<Int64>
  ) -> [String: StationTimeline] {
    var names: [String] = [""]
    func number(_ name: String) -> Int32 {
      if let known = names.firstIndex(of: name) { return Int32(known) }
      names.append(name)
      return Int32(names.count - 1)
    }
    var sights = StationSights()
    var summaries: [Int32: TimelineSummary] = [:]
    for history in histories {
      let worker = number(history.workerID)
      var summary = TimelineSummary(timeoutMs: timeoutMs)
      for event in history.events.sorted(by: Event.timelinePrecedes) {
        let station = number(event.workstationID)
        if range.contains(event.timestampMs) { sights.add(worker, at: station, ms: event.timestampMs) }
        let entry = EventList.Entry(
          offset: 0, kind: event.kind, isAccepted: true, count: event.count, workstation: station, camera: 0)
        summary.append(entry, originMs: event.timestampMs)
      }
      summaries[worker] = summary
    }
    return StationTimeline.all(of: summaries, ends: [:], sights, in: range) { names[Int($0)] }
  }

  private struct Case {
    var events: [Event] = []
    var shifts: [NaiveStops.Shift] = []
    var nowMs: Int64 = 0
    var minMs: Int64 = 0
    var window: Range<Int64> = 0..<1

    init(_ random: inout TestRandom) {
      var atMs = Int64(random.below(20))
      for number in 0..<random.below(14) {
        let kind = EventKind.allCases[random.below(4)]
        let isNobodys = kind == .productCount && random.below(4) == 0
        events.append(
          Event(
            timestampMs: atMs, workerID: isNobodys ? "" : "W\(random.below(3))",
            workstationID: "S\(random.below(2))",
            kind: kind, confidencePpm: 700_000 + Int32(random.below(3)), eventID: "\(number)"))
        atMs +=
          [0, 1, 2, 3, 5, StopPropertyTests.timeoutMs, StopPropertyTests.timeoutMs + 1, 17][
            random.below(8)]
      }
      var fromMs = Int64(random.below(30))
      for number in 0..<1 + random.below(3) {
        let endMs = fromMs + 1 + Int64(random.below(50))
        var breaks: [Range<Int64>] = []
        var pauseMs = fromMs + Int64(random.below(12))
        while random.below(3) > 0, pauseMs < endMs {
          let pause = pauseMs..<min(endMs, pauseMs + 1 + Int64(random.below(8)))
          breaks.append(pause)
          pauseMs = pause.upperBound + Int64(random.below(12))
        }
        shifts.append(NaiveStops.Shift(id: "s\(number)", startMs: fromMs, endMs: endMs, breaks: breaks))
        fromMs = endMs + (random.below(2) == 0 ? 0 : Int64(random.below(20)))
      }
      nowMs = Int64(random.below(150))
      minMs = Int64(random.below(8))
      let startMs = Int64(random.below(100))
      window = startMs..<startMs + 1 + Int64(random.below(60))
    }

    /// One of the two, and now and then one that no event names.
    var stations: [String] { nowMs % 16 == 0 ? ["S9"] : [nowMs % 2 == 0 ? "S0" : "S1"] }

    var stopShifts: [StopShift] {
      shifts.compactMap { shift in
        StopShift(
          Window(
            kind: .shift, startMs: shift.startMs, endMs: shift.endMs, shiftID: shift.id, breaks: shift.breaks)
        )
      }
    }

    func histories(_ random: inout TestRandom) -> [WorkerHistory] {
      Dictionary(grouping: events.shuffled(using: &random), by: \.workerID)
        .map { WorkerHistory(workerID: $0.key, events: $0.value) }.shuffled(using: &random)
    }

    /// As the program computes it.
    func stops(_ random: inout TestRandom, at station: String) -> (stops: [Stop], runs: [[StationRun]]) {
      var stops: [Stop] = []
      var all: [[StationRun]] = []
      let histories = histories(&random)
      for shift in stopShifts {
        let range = shift.startMs..<max(shift.startMs, min(shift.endMs, nowMs))
        let timelines = StopPropertyTests.timelines(of: histories, in: range)
        let runs = (timelines[station] ?? StationTimeline()).runs(in: range)
        stops += StopFinder.stops(at: station, runs, in: shift, nowMs: nowMs, minMs: minMs)
        all.append(runs)
      }
      return (stops, all)
    }

    /// The sums of the parts inside a window.
    func totals(_ window: Range<Int64>, at station: String, _ random: inout TestRandom) -> StopTotals {
      let stops = Dictionary(grouping: stops(&random, at: station).stops, by: \.shiftID)
      return stopShifts.reduce(into: StopTotals()) { totals, shift in
        totals.add(stops[shift.shiftID] ?? [], in: shift, inside: window, StopReasons([]))
      }
    }

    func naive(at station: String) -> NaiveStops {
      NaiveStops(
        at: station, events, shifts: shifts, nowMs: nowMs, timeoutMs: StopPropertyTests.timeoutMs)
    }
  }

  private static func check(_ body: (Case, inout TestRandom) -> String?) {
    var random = TestRandom(seed: Seed.one)
    for number in 0..<10_000 {
      let given = Case(&random)
      guard let difference = body(given, &random) else { continue }
      Issue.record("case \(number): \(difference)\n\(given)")
      return
    }
  }

  /// Identity, extent, duration, kind and class of every stop; the state of the station in every millisecond.
  @Test func stopsEqualTheNaiveOnes() {
    Self.check { given, random in
      for station in given.stations {
        let (naive, (stops, runs)) = (given.naive(at: station), given.stops(&random, at: station))
        let expected = naive.stops.map { stop in
          let kinds = stop.states.count == 1 ? stop.states.first ?? "" : "mixed"
          let start = stop.milliseconds[0]
          return "\(station):\(start) \(stop.shift) \(stop.milliseconds[stop.milliseconds.count - 1] + 1) "
            + "\(stop.isOpen) \(stop.milliseconds.count) \(kinds) \(stop.milliseconds.count <= given.minMs)"
        }
        let found = stops.map { stop in
          "\(stop.id) \(stop.shiftID) \(stop.endMs) \(stop.isOpen) \(stop.durationMs) \(stop.kind.rawValue) "
            + "\(stop.isMicro)"
        }
        if expected != found { return "\(station): expected \(expected), found \(found)" }
        var states: [Int64: String] = [:]
        for run in runs.joined() { for ms in run.range { states[ms] = run.state.rawValue } }
        if states != naive.states { return "\(station): states \(naive.states), found \(states)" }
        for shift in runs {
          for (left, right) in zip(shift, shift.dropFirst())
          where left.endMs != right.startMs || left.state == right.state { return "runs \(shift)" }
        }
      }
      return nil
    }
  }

  /// Working time inside planned time, stops and micro-stops are all planned time of a window, to the millisecond.
  @Test func stopsPartitionPlannedTime() {
    Self.check { given, random in
      for station in given.stations {
        let naive = given.naive(at: station)
        let window = given.window.clamped(to: 0..<max(0, given.nowMs))
        var expected = StopTotals()
        for stop in naive.stops {
          let inside = Int64(stop.milliseconds.count { window.contains($0) })
          guard inside > 0 else { continue }
          if stop.milliseconds.count > given.minMs {
            (expected.stops, expected.stopMs) = (expected.stops + 1, expected.stopMs + inside)
          } else {
            (expected.microStops, expected.microStopMs) = (
              expected.microStops + 1, expected.microStopMs + inside
            )
          }
        }
        expected.unplannedStopMs = expected.stopMs
        let planned = PlannedTime(given.stopShifts.flatMap(\.planned.spans)).durationMs(in: window)
        let working = Int64(naive.workingMs.count { window.contains($0) })
        if working + expected.stopMs + expected.microStopMs != planned {
          return "\(station): the oracle leaks"
        }
        let sums = given.totals(window, at: station, &random)
        if sums != expected { return "\(station): expected \(expected), of the list \(sums)" }
      }
      return nil
    }
  }
}
