import AndonConfiguration
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
      // A recompute finds them the other way, from all events of the shift: so it checks this one.
      try visit(elapsed, isForSums: !reading.reader.ignoresSummaries, &reading, nowMs: nowMs) {
        shift, stations, reasons in
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

  /// The stops of a shift without their kinds, from the work in each bucket.
  func pauses(
    _ shift: StopShift, _ stations: [Station], in range: Range<Int64>, _ reader: inout StationReader,
    nowMs: Int64
  ) throws -> [StationStops] {
    var runs: [String: [StationRun]] = [:]
    var bucketMs = SummaryBucket.start(of: range.lowerBound)
    while bucketMs < range.upperBound {
      let bucket = bucketMs..<bucketMs + SummaryBucket.lengthMs
      if bucket.upperBound <= nowMs { try reader.keepWork(ofBucket: bucketMs) }
      for (id, work) in try reader.work(in: bucket.clamped(to: range), ofBucket: bucketMs) {
        for span in work { Self.add(span, to: &runs[id, default: []], from: range.lowerBound) }
      }
      bucketMs = bucket.upperBound
    }
    return stations.map { station in
      var own = runs[station.id] ?? []
      Self.add(range.upperBound..<range.upperBound, to: &own, from: range.lowerBound)
      let stops = StopFinder.stops(
        at: station.id, own, in: shift, nowMs: nowMs, minMs: site.stops.minMs)
      return StationStops(id: station.id, stops: stops, workers: 0)
    }
  }

  /// Adds a span of work after the pause before it. An empty one ends the last pause.
  private static func add(_ work: Range<Int64>, to runs: inout [StationRun], from startMs: Int64) {
    let endMs = runs.last?.endMs ?? startMs
    if endMs < work.lowerBound {
      runs.append(StationRun(startMs: endMs, endMs: work.lowerBound, state: .vacant))
    }
    if !work.isEmpty {
      runs.append(
        StationRun(startMs: work.lowerBound, endMs: work.upperBound, state: .working))
    }
  }
}
