import AndonCore
import Foundation
package import GRDB

/// The checksum of a blob's key columns, by table.
enum BlobKey {
  private enum Domain: UInt64 {
    case summary = 1, compactedBucket, driftState, driftCheckpoint, event, final, alarm, driftHour,
      pendingWrites, name, workerIndex, cameraIndex, worker, bucketSums, sequence, finalFigures, carriedState
  }

  static func summary(bucketMs: Int64, worker: Int32) -> Checksum {
    var sum = Checksum(domain: Domain.summary.rawValue)
    sum.add(bucketMs)
    sum.add(Int64(worker))
    return sum
  }

  static func compactedBucket(bucketMs: Int64) -> Checksum {
    var sum = Checksum(domain: Domain.compactedBucket.rawValue)
    sum.add(bucketMs)
    return sum
  }

  /// - Parameter timeoutMs: what the sums were computed with.
  static func sums(bucketMs: Int64, timeoutMs: Int64) -> Checksum {
    var sum = Checksum(domain: Domain.bucketSums.rawValue)
    sum.add(bucketMs)
    sum.add(timeoutMs)
    return sum
  }

  static func drift(_ key: DriftKey, checkpointAtMs atMs: Int64? = nil) -> Checksum {
    var sum = Checksum(domain: (atMs == nil ? Domain.driftState : .driftCheckpoint).rawValue)
    sum.add(key.cameraID)
    sum.add(key.modelVersion)
    sum.add(atMs ?? 0)
    return sum
  }

  static func driftHour(_ key: DriftKey, _ hour: Int64) -> Checksum {
    var sum = Checksum(domain: Domain.driftHour.rawValue)
    sum.add(key.cameraID)
    sum.add(key.modelVersion)
    sum.add(hour)
    return sum
  }

  /// The checksum of a name, as it is stored beside it.
  static func name(_ id: Int64, kind: String, _ text: String) -> Int64 {
    var sum = Checksum(domain: Domain.name.rawValue)
    sum.add(id)
    sum.add(kind)
    sum.add(text)
    return Int64(bitPattern: sum.value)
  }

  /// The checksum of a worker's first and last bucket, as it is stored beside them.
  static func worker(_ worker: Int32, _ buckets: ClosedRange<Int64>) -> Int64 {
    var sum = Checksum(domain: Domain.worker.rawValue)
    sum.add(Int64(worker))
    sum.add(buckets.lowerBound)
    sum.add(buckets.upperBound)
    return Int64(bitPattern: sum.value)
  }

  static func workerIndex(bucketMs: Int64, _ worker: Int32) -> Checksum {
    var sum = Checksum(domain: Domain.workerIndex.rawValue)
    sum.add(bucketMs)
    sum.add(Int64(worker))
    return sum
  }

  static func cameraIndex(_ stream: EventStream, fromMs: Int64) -> Checksum {
    var sum = Checksum(domain: Domain.cameraIndex.rawValue)
    sum.add(stream.camera)
    sum.add(stream.model)
    sum.add(fromMs)
    return sum
  }

  static func sequence(camera: String) -> Checksum {
    var sum = Checksum(domain: Domain.sequence.rawValue)
    sum.add(camera)
    return sum
  }

  static var pendingWrites: Checksum { Checksum(domain: Domain.pendingWrites.rawValue) }

  static var event: Checksum { Checksum(domain: Domain.event.rawValue) }

  static func final(_ key: FinalRow.Key, revision: Int64) -> Checksum {
    var sum = Checksum(domain: Domain.final.rawValue)
    sum.add(key.kind.rawValue)
    sum.add(key.startMs)
    sum.add(key.scope.rawValue)
    sum.add(key.id)
    sum.add(revision)
    return sum
  }

  static func finalFigures(_ window: FinalWindow, _ scope: KPIScope) -> Checksum {
    var sum = Checksum(domain: Domain.finalFigures.rawValue)
    sum.add(window.kind.rawValue)
    sum.add(window.startMs)
    sum.add(window.endMs)
    sum.add(window.shiftID)
    sum.add(scope.rawValue)
    return sum
  }

  /// The checksum of all columns, as it is stored beside them.
  static func carriedState(_ columns: [Int64]) -> Int64 {
    var sum = Checksum(domain: Domain.carriedState.rawValue)
    for column in columns { sum.add(column) }
    return Int64(bitPattern: sum.value)
  }

  static func alert(_ rule: String, _ source: String, _ version: String) -> Checksum {
    var sum = Checksum(domain: Domain.alarm.rawValue)
    sum.add(rule)
    sum.add(source)
    sum.add(version)
    return sum
  }
}

extension Checksum {
  /// The bytes with their checksum, as they are stored under this key.
  func sealed(_ bytes: [UInt8]) -> Data {
    var bytes = bytes
    ChecksummedBlob.append(self, to: &bytes)
    return Data(bytes)
  }

  /// The bytes that were passed to `sealed`; nil when they do not match the checksum under this key.
  package func opened(_ stored: DatabaseValue) -> [UInt8]? {
    guard let data = Data.fromDatabaseValue(stored) else { return nil }
    let bytes = Array(data)
    return ChecksummedBlob.soundCount(bytes.span, self).map { Array(bytes[0..<$0]) }
  }
}
