package import AndonCore

/// Drift of one key, recomputed from its first stored sample: the output of `andon drift`, which the state of
/// the running bridge must equal.
package struct DriftReport: Sendable {
  package var key: DriftKey
  package var detector: DriftDetector
  /// The episodes of all rules of the detector, by rule and time.
  package var episodes: [Episode]
  /// The closed hours and the open one.
  package var hours: [HourSum]

  /// The number of samples, their mean (millionths, nil without samples) and how many lie below the gate.
  package var count: Int64 { hours.reduce(0) { $0 + $1.count } }
  package var meanPpm: Int64? { count > 0 ? hours.reduce(0) { $0 + $1.sum } / count : nil }
  package var belowGate: Int64 { hours.reduce(0) { $0 + $1.belowGate } }
}

extension SiteStore {
  /// Recomputes every key from its samples before `toMs`. O(samples), one key in memory at a time.
  package func driftReports(
    limits: DriftLimits, camera: String? = nil, toMs: Int64 = .max
  ) throws -> [DriftReport] {
    try driftKeys().filter { camera == nil || $0.cameraID == camera }.compactMap { key in
      var series = DriftSeries(settings: limits.settings(for: key))
      var lists: [AlarmRule: EpisodeList] = [:]
      try visitDriftSamples(key, toMs: toMs) { sample in
        for step in series.apply(sample).steps {
          lists[step.rule, default: EpisodeList(key: AlarmKey(rule: step.rule, key: key))]
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
  /// Tries out limits for each key on its baseline: its first samples from `fromMs` on. O(samples · limits).
  package func limitSuggestions(
    limits: DriftLimits, camera: String? = nil, fromMs: Int64 = .min, toMs: Int64 = .max
  ) throws -> [LimitSuggestion] {
    try driftKeys().filter { camera == nil || $0.cameraID == camera }.map { key in
      var suggestion = LimitSuggestion(key: key, settings: limits.settings(for: key))
      try visitDriftSamples(key, toMs: toMs) { sample in
        if sample.timestampMs >= fromMs { suggestion.add(sample) }
      }
      return suggestion
    }
  }
}
