import AndonCore

/// The sums of stops for the figures of windows.
extension StopQuery {
  /// By workstation, of those that take part in a shift of the window's elapsed time, with micro-stops and without regard
  /// to `privacy.min_group`; nil without shifts. O(stops) of shifts that are known.
  ///
  /// - Throws: `FiguresGone` when one of the shifts began before the oldest events that are kept, and nothing was kept of
  ///   the window.
  func totals(
    in window: Window, _ reading: inout StopReading, nowMs: Int64
  ) throws -> [String: StopTotals]? {
    guard reading.calendars.hasShifts else { return nil }
    let elapsed = window.startMs..<max(window.startMs, min(nowMs, window.endMs))
    var totals: [String: StopTotals] = [:]
    guard !elapsed.isEmpty else { return totals }
    do {
      try visit(elapsed, &reading, nowMs: nowMs) { shift, stations, reasons in
        for station in stations {
          totals[station.id, default: StopTotals()].add(station.stops, in: shift, inside: elapsed, reasons)
        }
      }
    } catch let gone as FiguresGone {
      guard let kept = try reading.finals.keptStops(of: window, nowMs: nowMs) else { throw gone }
      return kept
    }
    return totals
  }
}
