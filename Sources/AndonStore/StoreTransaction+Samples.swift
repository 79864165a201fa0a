package import AndonCore
import GRDB

/// The lists of cameras' events, in parts.
///
/// The first part of a bucket begins at its start, each other one at the time of its first event when it was cut off,
/// and each ends where the next one begins or the bucket ends.
extension StoreTransaction {
  /// The part of a list that an event of this time belongs to, empty when there is none. When the stored one is damaged,
  /// which is recorded, the whole list of the bucket comes from the rows. O(log rows + events of the part).
  package func samplePiece(_ stream: EventStream, atMs ms: Int64) throws -> SamplePiece {
    let bucketMs = SummaryBucket.start(of: ms)
    let endMs = bucketMs + SummaryBucket.lengthMs
    let stored = try BlobQuery.first(
      """
      SELECT from_ms, samples FROM camera_index
      WHERE camera = ? AND model = ? AND from_ms <= ? AND from_ms >= ? ORDER BY from_ms DESC LIMIT 1
      """, [stream.camera, stream.model, ms, bucketMs], db
    ) { (fromMs: $0, list: samples($1, stream, fromMs: $0)) }
    var piece = SamplePiece(fromMs: bucketMs, endMs: endMs, list: SampleList(), isWhole: false)
    if let stored {
      piece.fromMs = stored.fromMs
      guard let list = stored.list else {
        return SamplePiece(
          fromMs: bucketMs, endMs: endMs, list: try scannedSamples(stream, bucketMs: bucketMs), isWhole: true)
      }
      piece.list = list
    }
    let next = try Int64.fetchOne(
      db.cachedStatement(
        sql: "SELECT min(from_ms) FROM camera_index WHERE camera = ? AND model = ? AND from_ms > ?"),
      arguments: [stream.camera, stream.model, max(ms, piece.fromMs)])
    if let next, next < endMs { piece.endMs = next }
    return piece
  }

  /// Writes a part of a list; one that has become long is cut.
  package func save(_ piece: SamplePiece, _ stream: EventStream) throws {
    if piece.isWhole { try drop(stream, fromMs: piece.fromMs, toMs: piece.endMs) }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO camera_index (camera, model, from_ms, samples) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET samples = excluded.samples
        """)
    for (place, part) in piece.list.parts.enumerated() {
      let fromMs = place == 0 ? piece.fromMs : piece.bucketMs + Int64(part.firstOffset ?? 0)
      statement.setUncheckedArguments([
        stream.camera.databaseValue, stream.model.databaseValue, fromMs.databaseValue,
        BlobKey.cameraIndex(stream, fromMs: fromMs).sealed(part.encoded()).databaseValue,
      ])
      try statement.execute()
    }
  }

  /// Deletes the parts that begin in `[fromMs, toMs)`.
  func drop(_ stream: EventStream, fromMs: Int64, toMs: Int64) throws {
    try db.cachedStatement(
      sql: "DELETE FROM camera_index WHERE camera = ? AND model = ? AND from_ms >= ? AND from_ms < ?"
    ).execute(arguments: [stream.camera, stream.model, fromMs, toMs])
  }

  /// The list of a stored part; nil when it is damaged, which is recorded.
  private func samples(_ blob: Span<UInt8>, _ stream: EventStream, fromMs: Int64) -> SampleList? {
    if let count = ChecksummedBlob.soundCount(blob, BlobKey.cameraIndex(stream, fromMs: fromMs)),
      let samples = SampleList(encoded: blob.extracting(0..<count))
    {
      return samples
    }
    damage.found(.eventIndex(bucketMs: SummaryBucket.start(of: fromMs)))
    return nil
  }

  // MARK: From the rows

  /// The events of a camera and model version at one time, in the order of the drift rules.
  package func samples(_ stream: EventStream, atMs ms: Int64) throws -> [SampleList.Entry] {
    var builder = SampleListBuilder(bucketMs: SummaryBucket.start(of: ms))
    var rows = EventRows(db)
    try rows.visit(where: "timestamp_ms = ? AND camera = ? AND model = ?", [ms, stream.camera, stream.model])
    { row in
      builder.add(row.stored.event, isAccepted: row.stored.isAccepted)
      return true
    }
    return builder.finish().entries
  }

  /// The events of a camera and model version in a bucket, from the rows. O(events of the bucket).
  package func scannedSamples(_ stream: EventStream, bucketMs: Int64) throws -> SampleList {
    var builder = SampleListBuilder(bucketMs: bucketMs)
    var rows = EventRows(db)
    try rows.visit(
      where: "timestamp_ms >= ? AND timestamp_ms < ? AND camera = ? AND model = ? ORDER BY timestamp_ms",
      [bucketMs, bucketMs + SummaryBucket.lengthMs, stream.camera, stream.model]
    ) {
      builder.add($0.stored.event, isAccepted: $0.stored.isAccepted)
      return true
    }
    return builder.finish()
  }

  // MARK: Visiting

  /// Visits the events of a camera and model version of `[fromMs, toMs)` in the order of the rules, until the body
  /// returns false. O(events), a part of a list in memory.
  ///
  /// - Parameter newer: parts that are newer than the stored ones, which the ingest loop has, in order; nil for a reader
  ///   without them, which scans the rows of open buckets.
  func visitSampleEntries(
    _ stream: EventStream, fromMs: Int64, toMs: Int64, newer: [SamplePiece]?,
    whileTrue body: (_ ms: Int64, _ entry: SampleList.Entry) throws -> Bool
  ) throws {
    var parts = try SampleParts(stream, fromMs: fromMs, toMs: toMs, newer: newer, self)
    while let part = try parts.next() {
      let isAll = try part.list.visit(from: part.fromOffset) { entry in
        let ms = part.bucketMs + Int64(entry.offset)
        return try ms < toMs && body(ms, entry)
      }
      guard isAll else { return }
    }
  }

  /// Where to begin: the part that has this time, or the start of its bucket.
  func firstPart(_ stream: EventStream, atMs ms: Int64) throws -> Int64 {
    guard ms > Int64.min / 4 else { return .min }
    let bucketMs = SummaryBucket.start(of: ms)
    return try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT from_ms FROM camera_index
          WHERE camera = ? AND model = ? AND from_ms <= ? AND from_ms >= ? ORDER BY from_ms DESC LIMIT 1
          """), arguments: [stream.camera, stream.model, ms, bucketMs]) ?? bucketMs
  }

  /// The first stored part of a range, with no list when it is damaged.
  func part(_ stream: EventStream, fromMs: Int64, toMs: Int64) throws -> (
    fromMs: Int64, list: SampleList?
  )? {
    let (firstMs, endMs) = (max(fromMs, Self.times.lowerBound), min(toMs, Self.times.upperBound))
    return try BlobQuery.first(
      """
      SELECT from_ms, samples FROM camera_index WHERE camera = ? AND model = ? AND from_ms >= ? AND from_ms < ?
      ORDER BY from_ms LIMIT 1
      """, [stream.camera, stream.model, firstMs, endMs], db
    ) { ($0, samples($1, stream, fromMs: $0)) }
  }

  /// Any time of the calendar: a key outside is damaged.
  private static var times: ClosedRange<Int64> { -(1 << 60)...(1 << 60) }
}
