package import AndonCore

/// What a key's stored samples say, folded anew from the first one: the oracle behind `andon drift`, and what
/// the running bridge must agree with.
package struct DriftReport: Sendable {
  package var key: DriftKey
  package var detector: DriftDetector
  /// Of all rules that the detector folds, by rule and time.
  package var episodes: [Episode]
  /// Closed hours, and the open one.
  package var hours: [HourSum]

  /// Samples, their mean and how many lay below the gate; millionths, nil without samples.
  package var count: Int64 { hours.reduce(0) { $0 + $1.count } }
  package var meanPpm: Int64? { count > 0 ? hours.reduce(0) { $0 + $1.sum } / count : nil }
  package var belowGate: Int64 { hours.reduce(0) { $0 + $1.belowGate } }
}

extension SiteStore {
  /// Folds every key's samples before `toMs`. O(samples), one key in memory at a time.
  package func driftReports(
    settings: DetectorSettings, camera: String? = nil, toMs: Int64 = .max
  ) throws -> [DriftReport] {
    try driftKeys().filter { camera == nil || $0.cameraID == camera }.compactMap { key in
      var series = DriftSeries(settings: settings)
      var lists: [AlertRule: EpisodeList] = [:]
      try visitDriftSamples(key, toMs: toMs) { sample in
        for step in series.apply(sample).steps {
          lists[step.rule, default: EpisodeList(key: AlertKey(rule: step.rule, key: key))]
            .apply(step.transition, valuePpm: step.valuePpm)
        }
      }
      guard let open = series.detector.openHour else { return nil }
      return DriftReport(
        key: key, detector: series.detector,
        episodes: lists.keys.sorted().flatMap { lists[$0]?.episodes ?? [] },
        hours: series.history.hours + [open])
    }
  }
}
