extension KPIRecord {
  /// What its figures say of stops; nil when it has none.
  package var stops: StopTotals? {
    guard let stops = self[.stops], let microStops = self[.microStops], let stopMs = self[.stop],
      let microStopMs = self[.microStop], let unplannedStopMs = self[.unplannedStop]
    else { return nil }
    var totals = StopTotals()
    (totals.stops, totals.microStops) = (stops, microStops)
    (totals.stopMs, totals.microStopMs, totals.unplannedStopMs) = (stopMs, microStopMs, unplannedStopMs)
    return totals
  }

  /// The record without the figures of stops.
  package var withoutStops: KPIRecord {
    var record = self
    record.values.removeAll { Self.stopMetrics.contains($0.metric) }
    return record
  }

  private static let stopMetrics: Set<KPIMetric> = [
    .stops, .microStops, .stop, .microStop, .unplannedStop,
  ]
}

extension KPIRecordBuilder {
  /// Adds the sums of the stops of workstations, if the site has shifts.
  func stop(_ record: inout KPIRecord, at stations: some Sequence<String>) {
    guard let stops else { return }
    let sum = stations.reduce(into: StopTotals()) { sum, id in
      if let totals = stops[id] { sum += totals }
    }
    let values: [(KPIMetric, Int64)] = [
      (.stops, sum.stops), (.microStops, sum.microStops), (.stop, sum.stopMs), (.microStop, sum.microStopMs),
      (.unplannedStop, sum.unplannedStopMs),
    ]
    record.values += values.map { KPIRecord.Value(metric: $0, scaled: $1) }
  }
}
