package import AndonCore
import Foundation
import GRDB

/// The confidences of one model version on one camera in a range of time.
package struct ModelReport: Sendable {
  package var key: DriftKey
  package var samples: Int64 = 0
  package var sumPpm: Int64 = 0
  package var minPpm: Int64 = 1_000_000
  package var maxPpm: Int64 = 0
  /// How many were below the confidence gate when they were stored.
  package var belowGate: Int64 = 0
  package var firstEventMs: Int64 = .max
  package var lastEventMs: Int64 = 0
  /// Samples in each of 20 equal steps of confidence, 0…1.
  package var histogram = [Int64](repeating: 0, count: binCount)
  /// For each step of time: its start, the number of samples and their sum.
  package var trend: [(startMs: Int64, samples: Int64, sumPpm: Int64)] = []

  package static let binCount = 20

  /// The mean in millionths, floored; nil without a sample.
  package var meanPpm: Int64? { samples > 0 ? sumPpm / samples : nil }
}

extension SiteStore {
  /// A report for every model version on every camera with samples in `[fromMs, toMs)`. O(samples in the
  /// range).
  package func models(fromMs: Int64, toMs: Int64, stepMs: Int64) throws -> [ModelReport] {
    try database.read { db in
      let keys = try Row.fetchAll(
        db, sql: "SELECT camera_id, model_version FROM drift_state ORDER BY 1, 2"
      ).map { DriftKey(cameraID: $0[0], modelVersion: $0[1]) }
      return try keys.map { try Self.report($0, fromMs: fromMs, toMs: toMs, stepMs: stepMs, db) }
    }
  }

  private static func report(
    _ key: DriftKey, fromMs: Int64, toMs: Int64, stepMs: Int64, _ db: Database
  ) throws -> ModelReport {
    var report = ModelReport(key: key)
    try StoreTransaction(reading: db).visitSampleEntries(key, fromMs: fromMs, toMs: toMs) { ms, entry in
      report.add(entry, atMs: ms, stepStartMs: fromMs + (ms - fromMs) / stepMs * stepMs)
      return true
    }
    return report
  }
}

extension ModelReport {
  fileprivate mutating func add(_ entry: SampleList.Entry, atMs ms: Int64, stepStartMs: Int64) {
    guard let ppm = entry.confidencePpm.map(Int64.init) else { return }
    samples += 1
    sumPpm += ppm
    minPpm = min(minPpm, ppm)
    maxPpm = max(maxPpm, ppm)
    if !entry.isAccepted { belowGate += 1 }
    firstEventMs = min(firstEventMs, ms)
    lastEventMs = max(lastEventMs, ms)
    histogram[min(Int(ppm / 50_000), Self.binCount - 1)] += 1
    if let last = trend.indices.last, trend[last].startMs == stepStartMs {
      trend[last].samples += 1
      trend[last].sumPpm += ppm
    } else {
      trend.append((stepStartMs, 1, ppm))
    }
  }
}
