import AndonCore

/// What commits have left to the next flush: each event is on disk with its commit, but what is computed from many
/// events is written at most once a second.
///
/// It is stored with every commit, in the row that every commit writes. So a process that was killed finds what is
/// left to do, and a reader knows which buckets' summaries do not have all events yet. About 80 bytes a camera and 32 a
/// bucket; what makes it large is written earlier (`isLarge`).
package struct PendingWrites: Sendable, Equatable {
  /// `progress.generation` when this was read; not part of the stored bytes.
  package var generation: Int64 = 0
  /// Buckets whose stored summaries do not have all of their events.
  package var buckets: Set<Int64> = []
  /// Buckets whose indexes of rows are not complete: they are written when the bucket is over.
  package var openBuckets: Set<Int64> = []
  /// Rows that are newer than those in `camera`.
  package var cameras: [String: CameraRow] = [:]
  /// To be added to `event_checksum`.
  package var checksums: [Int64: EventChecksums.Quarter] = [:]

  package init() {}

  package var isEmpty: Bool {
    buckets.isEmpty && openBuckets.isEmpty && cameras.isEmpty && checksums.isEmpty
  }

  /// Buckets of which a reader reads all rows.
  var scanned: Set<Int64> { buckets.union(openBuckets) }

  /// Whether cameras and checksums have more than about 2000 bytes: a longer row would need pages of its own, which
  /// every commit would write.
  package var isLarge: Bool {
    80 * cameras.count + 24 * checksums.count + sequenceBytes > 2000
  }

  /// Roughly.
  private var sequenceBytes: Int {
    var ranges = 0
    for camera in cameras.values { ranges += camera.sequence.map { 3 + $0.open.count } ?? 0 }
    return 12 * ranges
  }

  package mutating func add(_ more: [Int64: EventChecksums.Quarter]) {
    for (bucketMs, quarter) in more { checksums[bucketMs, default: EventChecksums.Quarter()] += quarter }
  }

  /// Forgets what belongs to buckets before this one, because they are deleted.
  mutating func drop(before bucketMs: Int64) {
    buckets = buckets.filter { $0 >= bucketMs }
    openBuckets = openBuckets.filter { $0 >= bucketMs }
    checksums = checksums.filter { $0.key >= bucketMs }
  }
}

extension PendingWrites {
  private static let formatVersion: Int64 = 1

  /// Equal values give equal bytes; an empty one gives none.
  package func encoded() -> [UInt8] {
    guard !isEmpty else { return [] }
    var writer = ByteWriter()
    writer.append(Self.formatVersion)
    for set in [buckets, openBuckets] {
      writer.append(Int64(set.count))
      for bucketMs in set.sorted() { writer.append(bucketMs) }
    }
    writer.append(Int64(cameras.count))
    for (id, camera) in cameras.sorted(by: { $0.key < $1.key }) {
      writer.append(text: id)
      writer.append(camera.events)
      writer.append(StoredTime.column(camera.lastEventMs))
      writer.append(StoredTime.column(camera.lastReceivedMs))
      writer.append(text: camera.status.rawValue)
      writer.append(camera.qos0Received)
      writer.append(StoredTime.column(camera.lastQoS0Ms))
      let sequence = camera.sequence?.encoded() ?? []
      writer.append(Int64(sequence.count))
      writer.append(bytes: sequence)
    }
    writer.append(Int64(checksums.count))
    for (bucketMs, quarter) in checksums.sorted(by: { $0.key < $1.key }) {
      writer.append(bucketMs)
      writer.append(quarter.events)
      writer.append(Int64(bitPattern: quarter.sum))
    }
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  package init?(encoded bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    var reader = ByteReader(bytes)
    guard reader.integer() == Self.formatVersion else { return nil }
    for set in [\PendingWrites.buckets, \.openBuckets] {
      guard let count = reader.integer() else { return nil }
      for _ in 0..<max(0, count) {
        guard let bucketMs = reader.integer() else { return nil }
        self[keyPath: set].insert(bucketMs)
      }
    }
    guard let cameraCount = reader.integer() else { return nil }
    for _ in 0..<max(0, cameraCount) {
      guard let id = reader.text(), let events = reader.integer(), let lastEvent = reader.integer(),
        let lastReceived = reader.integer(), let status = reader.text().flatMap(CameraStatus.init),
        let qos0 = reader.integer(), let lastQoS0 = reader.integer(),
        let sequenceCount = reader.integer(), let sequenceBytes = reader.bytes(Int(clamping: sequenceCount))
      else { return nil }
      let sequence = CameraSequence(encoded: sequenceBytes.span)
      guard sequence != nil || sequenceBytes.isEmpty else { return nil }
      cameras[id] = CameraRow(
        cameraID: id, events: events, lastEventMs: StoredTime.read(lastEvent),
        lastReceivedMs: StoredTime.read(lastReceived), status: status, qos0Received: qos0,
        lastQoS0Ms: StoredTime.read(lastQoS0), sequence: sequence)
    }
    guard let checksumCount = reader.integer() else { return nil }
    for _ in 0..<max(0, checksumCount) {
      guard let bucketMs = reader.integer(), let events = reader.integer(), let sum = reader.integer() else {
        return nil
      }
      checksums[bucketMs] = EventChecksums.Quarter(events: events, sum: UInt64(bitPattern: sum))
    }
    guard reader.isAtEnd else { return nil }
  }
}
