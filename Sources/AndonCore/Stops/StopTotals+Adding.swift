extension StopTotals {
  /// Adds the part of a stop that lies inside the window; nothing when there is none.
  private mutating func add(insideMs: Int64, isMicro: Bool, isPlanned: Bool = false) {
    guard insideMs > 0 else { return }
    if isMicro {
      (microStops, microStopMs) = (microStops + 1, microStopMs + insideMs)
    } else {
      (stops, stopMs) = (stops + 1, stopMs + insideMs)
      if !isPlanned { unplannedStopMs += insideMs }
    }
  }

  /// Adds the parts inside a range of the stops and micro-stops of one workstation in one shift. O(stops × log spans).
  ///
  /// - Parameter reasons: with what was given in the shift.
  package mutating func add(
    _ stops: [Stop], in shift: StopShift, inside range: Range<Int64>, _ reasons: StopReasons
  ) {
    let long = stops.filter { !$0.isMicro }
    let given = reasons.given(for: long)
    for (stop, given) in zip(long, given) {
      add(
        insideMs: stop.insideMs(range, of: shift), isMicro: false, isPlanned: reasons.isPlanned(given))
    }
    for stop in stops where stop.isMicro { add(insideMs: stop.insideMs(range, of: shift), isMicro: true) }
  }
}
