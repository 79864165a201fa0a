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
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT (timestamp_ms - ?1) / ?2, min(confidence_ppm / 50000, 19), count(*), sum(confidence_ppm),
            min(confidence_ppm), max(confidence_ppm), sum(accepted = 0), min(timestamp_ms), max(timestamp_ms)
          FROM event WHERE camera_id = ?3 AND model_version = ?4 AND timestamp_ms >= ?1 AND timestamp_ms < ?5
            AND confidence_ppm IS NOT NULL GROUP BY 1, 2 ORDER BY 1
          """),
      arguments: [fromMs, stepMs, key.cameraID, key.modelVersion, toMs])
    while let row = try rows.next() {
      let startMs: Int64 = fromMs + row[0] * stepMs
      let bin: Int = row[1]
      let (count, sum): (Int64, Int64) = (row[2], row[3])
      report.samples += count
      report.sumPpm += sum
      report.minPpm = min(report.minPpm, row[4])
      report.maxPpm = max(report.maxPpm, row[5])
      report.belowGate += row[6]
      report.firstEventMs = min(report.firstEventMs, row[7])
      report.lastEventMs = max(report.lastEventMs, row[8])
      report.histogram[bin] += count
      if let last = report.trend.indices.last, report.trend[last].startMs == startMs {
        report.trend[last].samples += count
        report.trend[last].sumPpm += sum
      } else {
        report.trend.append((startMs, count, sum))
      }
    }
    return report
  }
}
