import AndonCore
import GRDB

/// What follows from the rows of a bucket, read in one pass in order of time. Memory: about 28 bytes an event.
struct BucketContents {
  /// By the worker's number.
  private(set) var events: [Int32: EventList] = [:]
  private(set) var samples: [EventStream: SampleList] = [:]

  /// O(events).
  init(bucketMs: Int64, _ db: Database) throws {
    var builders: [Int32: EventListBuilder] = [:]
    var streams: [EventStream: SampleListBuilder] = [:]
    var rows = EventRows(db)
    try rows.visit(fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs) { row in
      builders[row.names.worker, default: EventListBuilder(bucketMs: bucketMs)].add(row)
      streams[
        EventStream(camera: Int64(row.names.camera), model: Int64(row.names.model)),
        default: SampleListBuilder(bucketMs: bucketMs)
      ]
      .add(row.stored.event, isAccepted: row.stored.isAccepted)
    }
    for (worker, var builder) in builders { events[worker] = builder.finish() }
    for (stream, var builder) in streams { samples[stream] = builder.finish() }
  }
}
