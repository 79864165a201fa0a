extension KPIRecordBuilder {
  /// Adds the figures of a target, if one holds in the window.
  func aim(_ record: inout KPIRecord, at subject: TargetSubject, units: Int64) {
    // Without shifts all time is planned.
    let planned = siteWindow.planned(of: subject)
    let targets = siteWindow.targets
    let spans = targets.spans(of: subject)
    guard !spans.isEmpty else { return }
    let window = siteWindow.window
    func plannedMs(_ range: Range<Int64>) -> Int64 {
      planned?.durationMs(in: range) ?? range.upperBound - range.lowerBound
    }
    func target(_ range: Range<Int64>) -> Int64? {
      targets.units(of: subject, in: range, plannedMs: plannedMs)
    }
    let elapsed = window.startMs..<context.limitMs
    let (soFar, isWhole) = (target(elapsed) ?? 0, siteWindow.isPlannedToItsEnd(nowMs: context.nowMs))
    let gap = Int64(Int32(clamping: units - soFar))
    let total = isWhole ? target(window.startMs..<max(window.startMs, window.endMs)) : nil
    // The last instant of the elapsed time; at its start, the first.
    let current = targets.span(of: subject, at: max(window.startMs, context.limitMs - 1))
    let values: [(KPIMetric, Int64?)] = [
      (.targetUnits, soFar), (.gapUnits, gap), (.pace, Ratio.scaled(units, by: 10_000, over: soFar)),
      (.forecastUnits, isWhole ? forecast(of: subject, units: units, planned, plannedMs) : nil),
      (.targetTotalUnits, total), (.takt, current?.rate.taktMs),
    ]
    record.values += values.compactMap { metric, value in
      value.map { KPIRecord.Value(metric: metric, scaled: $0) }
    }
    record.labels = current?.labels ?? TargetLabels()
  }

  /// Nil when nothing of the window was planned yet, and something is.
  private func forecast(
    of subject: TargetSubject, units: Int64, _ planned: PlannedTime?, _ plannedMs: (Range<Int64>) -> Int64
  ) -> Int64? {
    let leftMs = plannedMs(context.limitMs..<max(context.limitMs, siteWindow.window.endMs))
    guard leftMs > 0 else { return units }
    let startMs = siteWindow.recentStart(planned, limitMs: context.limitMs)
    guard let recent = recentUnits[subject],
      let more = Ratio.scaled(recent, by: leftMs, over: plannedMs(startMs..<context.limitMs))
    else { return nil }
    let (sum, overflow) = units.addingReportingOverflow(more)
    return overflow ? .max : sum
  }
}
