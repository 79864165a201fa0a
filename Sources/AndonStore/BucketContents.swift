import AndonCore
import GRDB

/// What follows from the rows of a bucket, read in one pass in order of time. Memory: summaries, and about 12 bytes
/// an event.
struct BucketContents {
  /// By worker.
  private(set) var summaries: [String: TimelineSummary] = [:]
  /// By the worker's number, the times of all events.
  private(set) var times: [Int64: TimeList] = [:]
  private(set) var samples: [EventStream: SampleList] = [:]

  /// O(events).
  init(bucketMs: Int64, timeoutMs: Int64, _ db: Database) throws {
    var builders: [String: SummaryBuilder] = [:]
    var streams: [EventStream: SampleListBuilder] = [:]
    var rows = EventRows(db)
    try rows.visit(fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs) { row in
      let event = row.stored.event
      times[row.worker, default: TimeList()].insert(UInt32(event.timestampMs - bucketMs))
      streams[
        EventStream(camera: row.camera, model: row.model), default: SampleListBuilder(bucketMs: bucketMs)
      ]
      .add(event, isAccepted: row.stored.isAccepted)
      guard row.stored.isAccepted else { return }
      builders[event.workerID, default: SummaryBuilder(worker: event.workerID, timeoutMs: timeoutMs)]
        .add(event, cameraID: row.stored.cameraID)
    }
    for (worker, var builder) in builders { summaries[worker] = builder.finish() }
    for (stream, var builder) in streams { samples[stream] = builder.finish() }
  }

  /// The summaries of the accepted events of a range, sorted by worker. O(events of the range).
  static func summaries(
    fromMs: Int64, toMs: Int64, timeoutMs: Int64, _ db: Database
  ) throws -> [(worker: String, summary: TimelineSummary)] {
    var builders: [String: SummaryBuilder] = [:]
    var rows = EventRows(db)
    try rows.visit(fromMs: fromMs, toMs: toMs) { row in
      guard row.stored.isAccepted else { return }
      let worker = row.stored.event.workerID
      builders[worker, default: SummaryBuilder(worker: worker, timeoutMs: timeoutMs)]
        .add(row.stored.event, cameraID: row.stored.cameraID)
    }
    return builders.keys.sorted().compactMap { worker in
      builders[worker]?.finish().map { (worker, $0) }
    }
  }
}
