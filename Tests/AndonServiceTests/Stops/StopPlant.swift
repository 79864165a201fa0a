import AndonCore
import TestSupport

@testable import AndonStore

/// Short shifts, random events in them, and their stops by the oracle, which looks at each second.
enum StopPlant {
  static let dayMs: Int64 = 86_400_000
  static let timeoutS: Int64 = 120
  static let minS: Int64 = 45
  /// Seconds after 06:00.
  static let shifts = [
    NaiveStops.Shift(id: "a", startMs: 0, endMs: 600, breaks: [240..<300]),
    NaiveStops.Shift(id: "b", startMs: 600, endMs: 900, breaks: []),
    NaiveStops.Shift(id: "c", startMs: 1020, endMs: 1200, breaks: []),
    NaiveStops.Shift(id: "d", startMs: 3420, endMs: 3900, breaks: [3660..<3720]),
  ]
  /// Without the last one in any event; the first and the fourth are listed.
  static let stations = ["S0", "S1", "S2", "S3", "S4"]
  static let site = """
    , ingest: {max_age: 366d, state_timeout: \(timeoutS)s}, stops: {min: \(minS)s},
    workstations: {S0: {name: Press}, S3: {name: Store}},
    shifts: [{id: a, start: "06:00", end: "06:10", breaks: [{start: "06:04", end: "06:05"}]},
      {id: b, start: "06:10", end: "06:15"}, {id: c, start: "06:17", end: "06:20"},
      {id: d, start: "06:57", end: "07:05", breaks: [{start: "07:01", end: "07:02"}]}]
    """

  /// Seconds after 06:00 of the case's day; a third of them below the gate.
  static func events(_ random: inout SeededRandom) -> [Event] {
    func below(_ limit: UInt64) -> Int64 { Int64(random.next() % limit) }
    var atS = below(300) - 150 + below(2) * 3400
    return (0..<2 + below(16)).map { number in
      defer { atS += [0, 1, 5, 44, 45, 46, 100, timeoutS, timeoutS + 1, 200][Int(below(10))] }
      let kind = EventKind.allCases[Int(below(4))]
      let isNobodys = kind == .productCount && below(4) == 0
      return Event(
        timestampMs: atS, workerID: isNobodys ? "" : "W\(below(3))", workstationID: "S\(below(3))",
        kind: kind,
        confidencePpm: Int32(600_000 + 100_000 * below(3)), count: kind == .productCount ? 1 : 0,
        eventID: "\(number)")
    }
  }

  static func text(_ stops: [Stop], _ startMs: Int64) -> [String] {
    stops.map { stop in
      "\(stop.workstationID) \((stop.startMs - startMs) / 1000)–\((stop.endMs - startMs) / 1000) "
        + "\(stop.durationMs / 1000) \(stop.shiftID) \(stop.kind.rawValue) \(stop.isOpen)"
    }
  }

  /// The stops and micro-stops of a workstation, by shift in which it takes part.
  ///
  /// - Parameter accepted: of all cases, seconds after 06:00 of the case's day.
  static func naive(_ station: String, _ accepted: [Event], nowS: Int64) -> (
    present: [NaiveStops.Shift], stops: NaiveStops
  ) {
    let isListed = ["S0", "S3", "S9"].contains(station)
    let present = shifts.filter { shift in
      isListed
        || accepted.contains {
          $0.workstationID == station && $0.timestampMs < min(shift.endMs, nowS)
            && $0.timestampMs >= shift.startMs - 7 * 86_400
        }
    }
    return (
      present, NaiveStops(at: station, accepted, shifts: present, nowMs: nowS, timeoutMs: timeoutS)
    )
  }

  /// The stops as texts, without micro-stops.
  static func naive(_ accepted: [Event], nowS: Int64) -> [String] {
    var texts: [(Int64, String, String)] = []
    for station in stations {
      for stop in naive(station, accepted, nowS: nowS).stops.stops where stop.milliseconds.count > minS {
        let (first, last) = (stop.milliseconds[0], stop.milliseconds[stop.milliseconds.count - 1] + 1)
        let kind = stop.states.count == 1 ? stop.states.first ?? "" : "mixed"
        let text =
          "\(station) \(first)–\(last) \(stop.milliseconds.count) \(stop.shift) \(kind) \(stop.isOpen)"
        texts.append((first, station, text))
      }
    }
    return texts.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  /// What the gate lets pass, of all cases, in seconds after the beginning of one of them.
  static func accepted(_ cases: [[Event]], startsMs: [Int64], from number: Int) -> [Event] {
    cases.enumerated().flatMap { place, events in
      events.filter { ($0.confidencePpm ?? 0) >= 700_000 }.map { event in
        var event = event
        event.timestampMs += (startsMs[place] - startsMs[number]) / 1000
        return event
      }
    }
  }
}
