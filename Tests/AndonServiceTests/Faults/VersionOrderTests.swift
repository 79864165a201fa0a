import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonStore

/// The verdict on a model version is a function of the samples, independent of the order of arrival, the size
/// of batches and restarts. `SEED=n` replays one seed.
@Suite(.ownThread) struct VersionOrderTests {
  private static let hour: Int64 = 3_600_000
  private static let casesInAStore = 5

  private struct Sample {
    var atMs: Int64
    var payload: String
    var camera: String
  }

  /// Two or three versions that begin one after the other near the ends of a day and of a week, run side by
  /// side for a while, and return. Their means differ by about five percentage points.
  private static func samples(_ number: Int, _ random: inout SeededRandom) -> [Sample] {
    let start = (TestSite.nowMs / hour - 24 * 24) * hour
    let gaps: [Int64] = [0, 1, 23, 24, 25, 48, 167, 168, 169, 200]
    let lengths: [Int64] = [1, 1, 1, 2, 24, 25, 90]
    var samples: [Sample] = []
    var first: Int64 = 0
    for version in 0..<Int.random(in: 2...3, using: &random) {
      if version > 0 { first += gaps.randomElement(using: &random) ?? 0 }
      let means = version % 2 == 0 ? [880_000, 890_000, 900_000] : [830_000, 835_000, 880_000]
      let mean = means.randomElement(using: &random) ?? 0
      var runs = [(first, lengths.randomElement(using: &random) ?? 1)]
      // The version returns for an hour or two.
      if Int.random(in: 0..<4, using: &random) > 0 {
        runs.append((first + Int64.random(in: 30...150, using: &random), 2))
      }
      for (begin, length) in runs {
        for _ in 0..<Int.random(in: 25...70, using: &random) {
          let offset = Int64.random(in: 0..<length * hour, using: &random)
          let confidence = mean + Int.random(in: -20_000...20_000, using: &random)
          let atMs = start + begin * hour + offset
          let id = "\(version)-\(samples.count)"
          samples.append(
            Sample(
              atMs: atMs,
              payload: TestSite.event(
                atMs, worker: "W\(number)", confidence: "0.\(confidence)",
                more: #","event_id":"\#(id)","model_version":"v\#(version)""#),
              camera: "cam-\(number)"))
        }
      }
    }
    return samples
  }

  private static func site(_ order: [Sample], _ random: inout SeededRandom) throws -> AlarmSite {
    let site = try AlarmSite(", ingest: {max_age: 60d}")
    var rest = order[...]
    while !rest.isEmpty {
      let count = [1, 3, 20, 60].randomElement(using: &random) ?? 1
      for sample in rest.prefix(count) { site.add(sample.payload, camera: sample.camera) }
      try site.commit(atMs: TestSite.nowMs)
      rest = rest.dropFirst(count)
      if Int.random(in: 0..<8, using: &random) == 0 { try site.restart() }
    }
    return site
  }

  @Test(arguments: 0..<6) func fault53_theVerdictOnAVersionDoesNotDependOnTheOrderOfArrival(part: UInt64)
    throws
  {
    let seed = Seed.one
    var random = SeededRandom(state: seed &+ part)
    let all = (0..<Self.casesInAStore).map { Self.samples($0, &random) }
    let inOrder = all.flatMap { $0 }.sorted { ($0.atMs, $0.payload) < ($1.atMs, $1.payload) }
    let straight = try Self.site(inOrder, &random)
    let wanted = try Self.verdicts(straight)
    // One batch with all samples, a shuffle, and each version late as a whole.
    for order in [all.flatMap { $0 }.shuffled(using: &random), all.flatMap { $0.reversed() }] {
      let site = try Self.site(order, &random)
      let found = try Self.verdicts(site)
      #expect(found == wanted, "replay with SEED=\(seed), part \(part)")
    }
    // By the definition, from the samples alone.
    for (number, samples) in all.enumerated() {
      let verdicts = wanted.filter { $0.key.rule == .versionRegression && $0.key.sourceID == "cam-\(number)" }
      let oracle = try Self.oracle(samples)
      #expect(verdicts.map { "\($0.key.modelVersion) \($0.sinceMs)" } == oracle, "SEED=\(seed), part \(part)")
    }
  }

  /// What follows from the samples alone. `clock_skew` also depends on when they arrived.
  private static func verdicts(_ site: AlarmSite) throws -> [Episode] {
    try site.store.episodes().filter { $0.key.rule != .clockSkew }
  }

  /// The versions that did worse, with the start of their first hour. Simple and slow.
  private static func oracle(_ samples: [Sample]) throws -> [String] {
    var byVersion: [String: [(atMs: Int64, ppm: Int64)]] = [:]
    for sample in samples {
      let object = try JSONSerialization.jsonObject(with: Data(sample.payload.utf8)) as? [String: Any]
      let version = object?["model_version"] as? String ?? ""
      let ppm = Int64(((object?["confidence"] as? Double ?? 0) * 1_000_000).rounded())
      byVersion[version, default: []].append((sample.atMs, ppm))
    }
    var worse: [String] = []
    for (version, own) in byVersion.sorted(by: { $0.key < $1.key }) {
      let first = (own.map(\.atMs).min() ?? 0) / hour * hour
      guard (own.map(\.atMs).max() ?? 0) >= first + 24 * hour else { continue }
      let past = byVersion.filter { $0.key != version }.mapValues { all in
        all.filter { $0.atMs >= first - 168 * hour && $0.atMs < first }
      }.filter { !$0.value.isEmpty }
      let latest = past.mapValues { all in (all.map(\.atMs).max() ?? 0) / hour }
      guard let last = latest.values.max(), let old = latest.filter({ $0.value == last }).keys.min(),
        let before = past[old]
      else { continue }
      let trial = own.filter { $0.atMs < first + 24 * hour }
      guard before.count >= 30, trial.count >= 30 else { continue }
      let (oldSum, newSum) = (before.reduce(0) { $0 + $1.ppm }, trial.reduce(0) { $0 + $1.ppm })
      let (oldCount, newCount) = (Int64(before.count), Int64(trial.count))
      if newSum * oldCount < oldSum * newCount - 50_000 * oldCount * newCount {
        worse.append("\(version) \(first)")
      }
    }
    return worse
  }
}
