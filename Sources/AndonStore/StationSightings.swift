import AndonCore
import GRDB

/// At which times workstations had accepted events, as exact as a span of a day or more needs.
struct StationSightings {
  /// By workstation, the first and last event of each bucket, in order of time.
  private var times: [Int32: [(firstMs: Int64, lastMs: Int64)]] = [:]

  /// Reads all events of a range: the lists where they are complete, otherwise the rows. O(events), a few bytes a bucket
  /// in memory.
  init(in range: Range<Int64>, _ db: Database, _ damage: DamageLog) throws {
    let rows = WorkerRows(db, damage: damage)
    for bucketMs in try SiteStore.eventBuckets(fromMs: range.lowerBound, toMs: range.upperBound, db) {
      var found: [Int32: (firstMs: Int64, lastMs: Int64)] = [:]
      for entry in try Self.entries(bucketMs, rows, db, damage) where entry.isAccepted {
        let ms = bucketMs + Int64(entry.offset)
        guard range.contains(ms) else { continue }
        let known = found[entry.workstation] ?? (ms, ms)
        found[entry.workstation] = (min(known.firstMs, ms), max(known.lastMs, ms))
      }
      for (workstation, time) in found { times[workstation, default: []].append(time) }
    }
  }

  /// Whether a workstation has an event in a range that is longer than a bucket.
  func contains(_ workstation: Int32, in range: Range<Int64>) -> Bool {
    // The events of a bucket at an edge lie on both sides of it at most, so that one of the two bounds is inside.
    times[workstation]?.contains { $0.firstMs < range.upperBound && $0.lastMs >= range.lowerBound } ?? false
  }

  private static func entries(
    _ bucketMs: Int64, _ rows: WorkerRows, _ db: Database, _ damage: DamageLog
  ) throws -> [EventList.Entry] {
    var entries: [EventList.Entry] = []
    if try rows.hasLists(bucketMs) {
      do {
        try SummaryRows.visitLists(bucketMs: bucketMs, db, damage) { _, list in
          guard let events = EventList.entries(encoded: list, { _ in true }) else {
            damage.found(.eventIndex(bucketMs: bucketMs))
            throw DamagedBucket(bucketMs: bucketMs)
          }
          entries += events
        }
        return entries
      } catch is DamagedBucket {}
    }
    return try StoreTransaction(reading: db, damage: damage).scannedEvents(bucketMs: bucketMs).values
      .flatMap(\.entries)
  }
}
