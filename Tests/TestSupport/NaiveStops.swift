package import AndonCore

/// The stops of one workstation, found by looking at each millisecond on its own, directly by the rules. For short
/// histories. Written from the text of the rules, without any of the code under test.
package struct NaiveStops {
  package struct Shift: Sendable {
    package var id: String
    package var startMs: Int64
    package var endMs: Int64
    package var breaks: [Range<Int64>]

    package init(id: String, startMs: Int64, endMs: Int64, breaks: [Range<Int64>]) {
      (self.id, self.startMs, self.endMs, self.breaks) = (id, startMs, endMs, breaks)
    }
  }

  package struct Stop: Equatable, Sendable {
    package var shift: String
    /// Each planned millisecond without work.
    package var milliseconds: [Int64]
    package var states: Set<String>
    package var isOpen: Bool
  }

  /// All stops and micro-stops, in order of time.
  package private(set) var stops: [Stop] = []
  /// The planned milliseconds in which somebody works.
  package private(set) var workingMs: [Int64] = []
  /// What the station does in each millisecond of each shift, up to now.
  package private(set) var states: [Int64: String] = [:]

  private let station: String
  private let workers: [[Event]]
  private let all: [Event]
  private let timeoutMs: Int64

  package init(
    at station: String, _ events: [Event], shifts: [Shift], nowMs: Int64, timeoutMs: Int64
  ) {
    (self.station, self.timeoutMs) = (station, timeoutMs)
    all = events.filter { $0.timestampMs < nowMs }
    workers = Dictionary(grouping: all.filter { !$0.workerID.isEmpty }, by: \.workerID).values
      .map { $0.sorted(by: Self.isEarlier) }
    for shift in shifts { look(at: shift, nowMs: nowMs) }
  }

  private mutating func look(at shift: Shift, nowMs: Int64) {
    var stop: Stop?
    var lastHere: [Int] = []  // the workers of the last millisecond in which somebody was here
    var isSilent: [Bool] = workers.map { _ in true }
    for ms in shift.startMs..<max(shift.startMs, min(shift.endMs, nowMs)) {
      let doing = workers.map { what($0, at: ms) }
      let here = workers.indices.filter { doing[$0] == "working" || doing[$0] == "idle" }
      if !here.isEmpty {
        lastHere = here
        isSilent = workers.map { _ in true }
      }
      for worker in workers.indices where doing[worker] != "timed_out" { isSilent[worker] = false }
      for worker in here { isSilent[worker] = true }
      let state: String
      if here.contains(where: { doing[$0] == "working" }) {
        state = "working"
      } else if !here.isEmpty {
        state = "idle"
      } else if lastHere.isEmpty {
        let wasSeen = all.contains {
          $0.workstationID == station && shift.startMs <= $0.timestampMs && $0.timestampMs <= ms
        }
        state = wasSeen ? "vacant" : "no_data"
      } else {
        state = lastHere.contains { isSilent[$0] } ? "no_data" : "vacant"
      }
      states[ms] = state
      let isPlanned = !shift.breaks.contains { $0.contains(ms) }
      if state == "working" {
        if let ended = stop { stops.append(ended) }
        stop = nil
        if isPlanned { workingMs.append(ms) }
      } else if isPlanned {
        stop = stop ?? Stop(shift: shift.id, milliseconds: [], states: [], isOpen: false)
        stop?.milliseconds.append(ms)
        stop?.states.insert(state)
      }
    }
    if var last = stop {
      last.isOpen = nowMs < shift.endMs
      stops.append(last)
    }
  }

  /// What a worker does here: `working`, `idle`, `timed_out` wherever it was, or `away`.
  private func what(_ events: [Event], at ms: Int64) -> String {
    guard let place = events.lastIndex(where: { $0.timestampMs <= ms }),
      let set = events[...place].last(where: { $0.kind != .productCount })
    else { return "away" }
    let last = events[place]
    if ms >= last.timestampMs + timeoutMs { return "timed_out" }
    guard set.workstationID == station else { return "away" }
    switch set.kind {
    case .working: return "working"
    case .idle: return "idle"
    default: return "away"
    }
  }

  /// The order of the rules: time, confidence (none is the least), absent < idle < working < count, id, workstation.
  private static func isEarlier(_ left: Event, _ right: Event) -> Bool {
    func rank(_ kind: EventKind) -> Int {
      switch kind {
      case .absent: 0
      case .idle: 1
      case .working: 2
      case .productCount: 3
      }
    }
    if left.timestampMs != right.timestampMs { return left.timestampMs < right.timestampMs }
    if left.confidencePpm != right.confidencePpm {
      return (left.confidencePpm ?? -1) < (right.confidencePpm ?? -1)
    }
    if rank(left.kind) != rank(right.kind) { return rank(left.kind) < rank(right.kind) }
    if left.eventID != right.eventID { return left.eventID < right.eventID }
    return left.workstationID < right.workstationID
  }
}
