import AndonCore

/// A site without a store: keeps every sample, derives all episodes again with every batch from the sorted
/// samples, and applies the changes to the alarm manager. Slow and simple.
struct MemorySite {
  var manager = AlarmManager(siteID: "plant-a")
  var settings = DetectorSettings()
  private var samples: [DriftKey: [DriftSample]] = [:]
  private var lists: [AlarmKey: [Episode]] = [:]
  private(set) var journal: [AlarmTransition] = []
  private(set) var detectors: [DriftKey: DriftDetector] = [:]

  var episodes: [Episode] { lists.keys.sorted().flatMap { lists[$0] ?? [] } }
  var low: [Episode] { episodes.filter { $0.key.rule == .confidenceLow } }
  var pages: [AlarmTransition] { journal.filter(\.page) }
  func kinds(_ rule: AlarmRule = .confidenceLow) -> [AlarmTransition.Kind] {
    journal.filter { $0.key.rule == rule }.map(\.kind)
  }
  func state(_ key: DriftKey, _ rule: AlarmRule = .confidenceLow) -> AlarmState {
    manager.machines[AlarmKey(rule: rule, key: key)]?.state ?? .normal
  }

  mutating func apply(_ arrived: [DriftSample], _ key: DriftKey, nowMs: Int64) {
    samples[key, default: []] += arrived
    samples[key]?.sort()
    var series = DriftSeries(settings: settings)
    var derived: [AlarmRule: EpisodeList] = [:]
    for sample in samples[key] ?? [] {
      for step in series.apply(sample).steps {
        derived[step.rule, default: EpisodeList(key: AlarmKey(rule: step.rule, key: key))]
          .apply(step.transition, valuePpm: step.valuePpm)
      }
    }
    let detector = series.detector
    detectors[key] = detector
    var changes: [EpisodeChange] = []
    for rule in DriftDetector.rules {
      let alarm = AlarmKey(rule: rule, key: key)
      let new = derived[rule]?.episodes ?? []
      changes += EpisodeChange.between(lists[alarm] ?? [], new)
      lists[alarm] = new
    }
    let known = detectors
    func detectorOf(_ key: AlarmKey) -> DriftDetector {
      known[DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion)]
        ?? DriftDetector(settings: DetectorSettings())
    }
    manager.apply(
      changes, measure: { detectorOf($0).measure(of: $0.rule) },
      headMs: { detectorOf($0).lastSample?.timestampMs ?? 0 },
      isBadNow: { detectorOf($0).isBadNow($0.rule) },
      cameras: { version in known.keys.count { $0.modelVersion == version } }, nowMs: nowMs)
    for rule in DriftDetector.rules {
      var since: Int64?
      if case .pending(let sinceMs) = detector.state(of: rule) { since = sinceMs }
      manager.apply(
        AlarmKey(rule: rule, key: key), pendingSinceMs: since, measure: detector.measure(of: rule),
        nowMs: nowMs)
    }
    journal += manager.dequeueChanges().journal
  }

  mutating func tick(_ nowMs: Int64) {
    let known = detectors
    func detectorOf(_ key: AlarmKey) -> DriftDetector? {
      known[DriftKey(cameraID: key.sourceID, modelVersion: key.modelVersion)]
    }
    manager.tick(
      measure: { _ in nil }, isBadNow: { detectorOf($0)?.isBadNow($0.rule) ?? true },
      headMs: { detectorOf($0)?.lastSample?.timestampMs }, nowMs: nowMs)
    journal += manager.dequeueChanges().journal
  }
}
