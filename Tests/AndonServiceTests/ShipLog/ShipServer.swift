import Foundation

@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStore

/// A central server as far as a site's log is concerned: rows by their identity, and where the site stands.
struct ShipServer {
  var head = ShipPosition.start
  var rows: [String: ShipRecord] = [:]
  private(set) var erasures: [ShippedErasure] = []
  /// What the commits changed in the small tables, by their numbers, and the newest base.
  var patches: [Int64: ShippedPatch] = [:]
  var base: WorkingState?
  /// Batches that did not follow what it has.
  private(set) var fenced = 0

  /// The newest event it has.
  var newestMs: Int64? {
    rows.values.compactMap { if case .event(let row) = $0 { row.event.timestampMs } else { nil } }.max()
  }

  mutating func apply(_ batch: ShipBatch) {
    guard batch.firstSeq == head.seq + 1 else {
      fenced += 1
      return
    }
    for body in batch.bodies { take(body.records) }
    head = batch.last
    takeState(batch.patches, batch.base)
  }

  /// In the same statement as the position.
  mutating func takeState(_ more: [(seq: Int64, patch: ShippedPatch)], _ newBase: WorkingState?) {
    for (seq, patch) in more { patches[seq] = patch }
    guard let newBase else { return }
    base = newBase
    patches = patches.filter { $0.key > newBase.position.seq }
  }

  /// Rows twice, or an older state of a row after a newer one, change nothing.
  mutating func take(_ records: [ShipRecord]) {
    for record in records where record.kind != .patch {
      if case .erasure(let erasure) = record {
        erase(erasure)
        continue
      }
      let key = Self.key(record)
      if case .counters(let new) = record, case .counters(let old) = rows[key] {
        rows[key] = .counters(ShippedCounters(old.values.merging(new.values) { max($0, $1) }))
        continue
      }
      if let known = rows[key], Self.isNewer(known, than: record) { continue }
      rows[key] = record
    }
  }

  private mutating func erase(_ erasure: ShippedErasure) {
    erasures.append(erasure)
    func isErased(_ worker: String) -> Bool {
      KeyedHash.hex(Array(worker.utf8), key: erasure.salt) == erasure.digest
    }
    for (key, record) in rows {
      switch record {
      case .event(var row) where row.event.timestampMs <= erasure.atMs && isErased(row.event.workerID):
        rows[key] = nil
        if erasure.replacement.isEmpty { continue }
        row.event.workerID = erasure.replacement
        rows[Self.key(.event(row))] = .event(row)
      case .final(let row) where row.record.scope == .worker && isErased(row.record.id): rows[key] = nil
      default: break
      }
    }
  }

  static func key(_ record: ShipRecord) -> String {
    switch record {
    case .event(let row):
      let event = row.event
      return
        "event \(event.timestampMs) \(event.workerID) \(event.kind) \(event.workstationID) \(event.eventID)"
    case .final(let row):
      return
        "final \(row.record.window.name) \(row.record.window.startMs) \(row.record.scope) \(row.record.id)"
    case .alarm(let row): return "alarm \(row.number)"
    case .gap(let row): return "gap \(row.number)"
    case .camera(let row): return "camera \(row.cameraID)"
    case .counters: return "counters"
    case .stop(let row): return "stop \(row.workstationID) \(row.startMs)"
    case .reason(let row): return "reason \(row.number)"
    case .target(let row): return "target \(row.number)"
    case .calendar(let row): return "calendar \(row.number)"
    case .report(let row): return "report \(row.scope) \(row.id) \(row.startMs)"
    case .erasure(let row): return "erasure \(row.digest)"
    case .patch(let row): return "patch \(row.tip)"
    }
  }

  private static func isNewer(_ known: ShipRecord, than record: ShipRecord) -> Bool {
    switch (known, record) {
    case (.final(let one), .final(let other)): one.revision > other.revision
    case (.alarm(let one), .alarm(let other)): one.count > other.count
    case (.gap(let one), .gap(let other)): one.toMs - one.fromMs > other.toMs - other.fromMs
    case (.camera(let one), .camera(let other)):
      (one.events, one.lastReceivedMs) > (other.events, other.lastReceivedMs)
    case (.stop(let one), .stop(let other)): one.revision > other.revision
    case (.report(let one), .report(let other)): one.revision > other.revision
    default: false
    }
  }
}
