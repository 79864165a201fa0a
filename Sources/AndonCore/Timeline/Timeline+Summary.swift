extension Timeline {
  /// The same segments from a summary of the worker's events. What it has outside of the range does not matter. O(runs).
  ///
  /// - Parameter name: the text of a workstation's number.
  package static func segments<Failure: Error>(
    of summary: TimelineSummary, startMs: Int64, endMs: Int64, pseudonymEndMs: Int64 = .max,
    name: (Int32) throws(Failure) -> String
  ) throws(Failure) -> [TimelineSegment] {
    var segments: [TimelineSegment] = []
    func append(_ from: Int64, _ to: Int64, _ state: WorkerState, _ station: Int) throws(Failure) {
      let isKnown = state != .unknown
      let place = isKnown && station >= 0 ? try name(summary.stations[station].workstation) : ""
      func piece(_ from: Int64, _ to: Int64, _ state: WorkerState, _ place: String, _ isTimedOut: Bool) {
        let (from, to) = (max(from, startMs), min(to, endMs))
        guard from < to else { return }
        if let last = segments.last, last.endMs == from, last.state == state, last.workstationID == place,
          last.isTimedOut == isTimedOut
        {
          segments[segments.count - 1].endMs = to
        } else {
          segments.append(
            TimelineSegment(
              startMs: from, endMs: to, state: state, workstationID: place, isTimedOut: isTimedOut))
        }
      }
      // Without a station, it is a time-out.
      piece(from, min(to, pseudonymEndMs), state, place, isKnown && station < 0)
      piece(max(from, pseudonymEndMs), to, .unknown, "", false)
    }
    guard startMs < endMs else { return [] }
    guard !summary.isEmpty else {
      try append(startMs, endMs, .unknown, -1)
      return segments
    }
    try append(startMs, summary.firstMs, .unknown, -1)
    var atMs = summary.firstMs
    var state = WorkerState.unknown
    func gap(until ms: Int64) throws(Failure) {
      try append(atMs, ms, state == .unknown ? .unknown : .absent, -1)
    }
    for run in summary.runs {
      try gap(until: run.startMs)
      try append(run.startMs, run.endMs, run.state, run.station)
      (atMs, state) = (run.endMs, run.state)
    }
    try gap(until: summary.lastMs)
    let heldMs = summary.lastMs + summary.timeoutMs
    try append(summary.lastMs, heldMs, summary.lastState, summary.lastStation)
    (atMs, state) = (heldMs, summary.lastState)
    try gap(until: endMs)
    return segments
  }
}
