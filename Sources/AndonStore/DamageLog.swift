package import AndonCore
import Synchronization

/// The rows of a site's file that do not match their checksum, until they are repaired.
///
/// A reader that finds one records it and reads the events instead. The maintenance service logs it once and
/// repairs it. All connections of this process to one file share one log.
package final class DamageLog: Sendable {
  package enum Part: Sendable, Hashable {
    /// Summaries of a bucket; the number is that of the worker whose row was found damaged.
    case summary(worker: Int32, bucketMs: Int64)
    /// The compacted copy of a bucket's summaries.
    case compactedBucket(bucketMs: Int64)
    case driftState(DriftKey)
    case driftCheckpoint(DriftKey, atMs: Int64)
    /// The state of the hourly rules after an hour.
    case driftHour(DriftKey, hour: Int64)
    /// An index of the rows of a bucket.
    case eventIndex(bucketMs: Int64)
    /// What is missing of a camera's count.
    case sequence(camera: String)
    /// What was left to the next flush.
    case pendingWrites
    /// What deleted events say of a worker, by the worker's number.
    case carriedState(worker: Int32)
    /// A body of the log for the central history.
    case shipBody(seq: Int64)
    /// The stored state of an alarm.
    case alert(rule: String, source: String, version: String)

    package var words: String {
      switch self {
      case .summary(let worker, let bucketMs):
        "summary of worker \(worker) (its number in name) at \(CivilTime.text(epochMs: bucketMs))"
      case .compactedBucket(let bucketMs): "packed summaries of \(CivilTime.text(epochMs: bucketMs))"
      case .driftState(let key): "drift state of \(key.cameraID), model \"\(key.modelVersion)\""
      case .driftCheckpoint(let key, let atMs):
        "drift checkpoint of \(key.cameraID), model \"\(key.modelVersion)\", at \(CivilTime.text(epochMs: atMs))"
      case .driftHour(let key, let hour):
        "hourly drift rules of \(key.cameraID), model \"\(key.modelVersion)\", after "
          + CivilTime.text(epochMs: hour * HourSum.milliseconds)
      case .eventIndex(let bucketMs): "event index of \(CivilTime.text(epochMs: bucketMs))"
      case .sequence(let camera): "missing numbers of \(camera): its count begins again"
      case .pendingWrites: "what was left to the next flush"
      case .carriedState(let worker):
        "the last state of worker \(worker) (its number in name) from deleted events: unknown until its next event"
      case .shipBody(let seq):
        "body \(seq) of the log for the central history: its rows are read from the tables"
      case .alert(let rule, let source, _): "state of alert \(rule) of \(source)"
      }
    }
  }

  /// Counts since the start of the process.
  package struct Counts: Sendable, Equatable {
    package var found: Int64 = 0
    package var repaired: Int64 = 0
  }

  private struct State {
    var known: Set<Part> = []
    var fresh: [Part] = []
    var counts = Counts()
  }

  /// More than this many are counted but not remembered; the next scan finds them again.
  private static let limit = 4096
  private let state = Mutex(State())
  private static let logs = Mutex<[String: DamageLog]>([:])

  /// The log of a file.
  package static func of(path: String) -> DamageLog {
    logs.withLock { logs in
      if let log = logs[path] { return log }
      let log = DamageLog()
      logs[path] = log
      return log
    }
  }

  package init() {}

  package func found(_ part: Part) {
    state.withLock { state in
      guard !state.known.contains(part) else { return }
      state.counts.found += 1
      guard state.known.count < Self.limit else { return }
      state.known.insert(part)
      state.fresh.append(part)
    }
  }

  /// The damage found since the last call.
  package func dequeueNew() -> [Part] {
    state.withLock { state in
      defer { state.fresh.removeAll() }
      return state.fresh
    }
  }

  package var hasFresh: Bool { state.withLock { !$0.fresh.isEmpty } }

  /// Records that the part was written again and is sound now.
  package func repaired(_ part: Part) {
    state.withLock { state in
      state.counts.repaired += 1
      state.known.remove(part)
    }
  }

  package var counts: Counts { state.withLock(\.counts) }
}

/// The summaries of a bucket cannot be used: read its events instead.
struct DamagedBucket: Error {
  var bucketMs: Int64
}
