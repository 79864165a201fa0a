/// Finds the stops of a workstation from what it did: a function of the runs, the shift and now.
package enum StopFinder {
  /// The stops and micro-stops of a shift, in order of time. O(runs × log spans).
  ///
  /// - Parameters:
  ///   - runs: complete from the shift's start to its end or to `nowMs`, whichever comes first, and in order. What lies
  ///     outside of that is ignored.
  ///   - minMs: what lasts longer is a stop.
  package static func stops(
    at workstation: String, _ runs: [StationRun], in shift: StopShift, nowMs: Int64, minMs: Int64
  ) -> [Stop] {
    let limitMs = min(shift.endMs, nowMs)
    guard shift.startMs < limitMs else { return [] }
    var stops: [Stop] = []
    var current: Stop?
    for run in runs {
      guard let kind = StopKind(run.state) else {
        if let stop = current { stops.append(stop) }
        current = nil
        continue
      }
      for span in shift.planned.spans {
        let part = span.clamped(to: run.range).clamped(to: shift.startMs..<limitMs)
        guard !part.isEmpty, part.lowerBound < part.upperBound else { continue }
        var stop =
          current
          ?? Stop(
            workstationID: workstation, shiftID: shift.shiftID, startMs: part.lowerBound,
            endMs: part.lowerBound,
            isOpen: false, durationMs: 0, kind: kind, isMicro: true)
        stop.endMs = part.upperBound
        stop.durationMs += part.upperBound - part.lowerBound
        stop.isMicro = stop.durationMs <= minMs
        if stop.kind != kind { stop.kind = .mixed }
        current = stop
      }
    }
    if var stop = current {
      stop.isOpen = nowMs < shift.endMs
      stops.append(stop)
    }
    return stops
  }
}
