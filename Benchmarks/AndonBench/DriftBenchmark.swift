import AndonCore
import AndonRuntime
import AndonSimulation
import Dispatch
import Synchronization

/// Judges the drift rules on synthetic cameras: 7 days of baseline, then 30 days that count, with a fault
/// that begins on day 10 to 13 of them. Equal seeds give equal tables.
struct DriftBenchmark: Sendable {
  var cameras = 100
  var seed: UInt64 = 1
  var ratesPerHour: [Double] = [360, 30, 2]
  var settings = DetectorSettings()
  /// The mean of an occluded camera.
  var occluded = 0.5

  init() {}

  private static let dayMs: Int64 = 86_400_000
  private static let startMs: Int64 = 1_767_225_600_000  // 2026-01-01T00:00:00Z
  private static let countMs = startMs + 7 * dayMs
  private static let endMs = countMs + 30 * dayMs

  /// The result of one rule in one scenario at one rate.
  struct Outcome: Sendable {
    var scenario: DriftScenario
    var rule: AlarmRule
    var ratePerHour: Double
    var cameras: Int
    /// New occurrences before the onset, or in the whole month of a harmless scenario.
    var falseAlarms = 0
    /// The camera-days without a fault, over which false alarms are counted.
    var quietDays = 0.0
    /// Cameras with a new occurrence at or after the onset.
    var detected = 0
    var delaysHours: [Double] = []

    /// Pages for paging rules, occurrences for advisory ones.
    var falsePerMonth: Double { quietDays > 0 ? Double(falseAlarms) * 30 / quietDays : 0 }
    var share: Double { Double(detected) / Double(max(1, cameras)) }
    var medianDelayHours: Double? {
      delaysHours.isEmpty ? nil : delaysHours.sorted()[delaysHours.count / 2]
    }
  }

  private struct Sighting: Sendable {
    var rule: AlarmRule
    var atMs: Int64
  }

  /// Runs one scenario at one rate with all cameras, on all processors.
  func run(_ scenario: DriftScenario, ratePerHour: Double) -> [Outcome] {
    let outcomes = Mutex(
      DriftDetector.rules.map {
        Outcome(scenario: scenario, rule: $0, ratePerHour: ratePerHour, cameras: cameras)
      })
    DispatchQueue.concurrentPerform(iterations: cameras) { camera in
      let onsetMs = onset(camera, scenario)
      let sightings = watch(camera, scenario, ratePerHour, onsetMs: onsetMs)
      outcomes.withLock { outcomes in
        for index in outcomes.indices {
          Self.add(sightings, onsetMs: onsetMs, to: &outcomes[index])
        }
      }
    }
    return outcomes.withLock { $0 }
  }

  private static func add(_ sightings: [Sighting], onsetMs: Int64?, to outcome: inout Outcome) {
    let quietEnd = outcome.scenario.isHarmless ? endMs : onsetMs ?? endMs
    outcome.quietDays += Double(quietEnd - countMs) / Double(dayMs)
    let mine = sightings.filter { $0.rule == outcome.rule && $0.atMs >= countMs }
    outcome.falseAlarms += mine.count { $0.atMs < quietEnd }
    guard !outcome.scenario.isHarmless, let onsetMs, let first = mine.first(where: { $0.atMs >= onsetMs })
    else { return }
    outcome.detected += 1
    outcome.delaysHours.append(Double(first.atMs - onsetMs) / 3_600_000)
  }

  /// Day 10 to 13 of those that count, at any hour; nil without a fault.
  private func onset(_ camera: Int, _ scenario: DriftScenario) -> Int64? {
    guard scenario != .none else { return nil }
    var random = SplitMix64(seed: seed &* 7919 &+ UInt64(camera))
    return Self.countMs + 10 * Self.dayMs + Int64(random.unit() * 3 * Double(Self.dayMs))
  }

  /// Runs one camera's month through the detectors and the alarm manager, which decides what pages.
  private func watch(
    _ camera: Int, _ scenario: DriftScenario, _ ratePerHour: Double, onsetMs: Int64?
  ) -> [Sighting] {
    var stream = ConfidenceStream(
      seed: seed &* 1_000_003 &+ UInt64(camera), ratePerHour: ratePerHour, startMs: Self.startMs)
    var month = DriftMonth(settings: settings)
    // The camera holds back the occlusion and an hour after it.
    let heldUntilMs = scenario == .lateBurst ? (onsetMs ?? 0) + 4 * 3_600_000 : .min
    while true {
      let sample = stream.next { scenario.level($0 - (onsetMs ?? .max / 2), occluded: occluded) }
      guard sample.timestampMs < Self.endMs else { break }
      let isAfter = onsetMs.map { sample.timestampMs >= $0 } ?? false
      let version = scenario == .rollOut && isAfter ? "v2" : "v1"
      let arrivesMs = isAfter ? max(sample.timestampMs, heldUntilMs) : sample.timestampMs
      month.apply(sample, version: version, nowMs: arrivesMs)
    }
    return month.sightings.map { Sighting(rule: $0.rule, atMs: $0.atMs) }
  }
}

/// One camera with its model versions and alarms.
private struct DriftMonth {
  let settings: DetectorSettings
  private var series: [String: DriftSeries] = [:]
  private var lists: [AlarmKey: EpisodeList] = [:]
  private var manager = AlarmManager(siteID: "bench")
  private(set) var sightings: [(rule: AlarmRule, atMs: Int64)] = []
  private var nextTickMs: Int64 = 0

  init(settings: DetectorSettings) { self.settings = settings }

  mutating func apply(_ sample: DriftSample, version: String, nowMs: Int64) {
    var one = series[version] ?? DriftSeries(settings: settings)
    series[version] = nil
    let steps = one.apply(sample).steps
    let detector = one.detector
    series[version] = one
    let drift = DriftKey(cameraID: "cam-01", modelVersion: version)
    var changes: [EpisodeChange] = []
    for step in steps {
      let key = AlarmKey(rule: step.rule, key: drift)
      let old = lists[key]?.episodes ?? []
      lists[key, default: EpisodeList(key: key)].apply(step.transition, valuePpm: step.valuePpm)
      changes += EpisodeChange.between(old, lists[key]?.episodes ?? [])
    }
    guard !changes.isEmpty || nowMs >= nextTickMs else { return }
    if !changes.isEmpty {
      manager.apply(
        changes, measure: { detector.measure(of: $0.rule) }, headMs: { _ in sample.timestampMs },
        isBadNow: { detector.isBadNow($0.rule) }, cameras: { _ in 1 }, nowMs: nowMs)
    }
    if nowMs >= nextTickMs {
      nextTickMs = nowMs + 60_000
      let known = series
      manager.tick(
        measure: { _ in nil }, isBadNow: { known[$0.modelVersion]?.detector.isBadNow($0.rule) ?? true },
        headMs: { known[$0.modelVersion]?.detector.lastSample?.timestampMs }, nowMs: nowMs)
    }
    for row in manager.dequeueChanges().journal where row.page || (row.kind == .raised && !row.key.rule.pages)
    {
      if row.kind != .renotify { sightings.append((row.key.rule, nowMs)) }
    }
  }
}
