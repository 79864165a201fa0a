import AndonCore

/// Which records of the log are of a worker.
struct ShipEraser {
  private let worker: String
  private let bytes: [UInt8]

  init(_ worker: String) {
    self.worker = worker
    bytes = Array(worker.utf8)
  }

  /// Texts are in a body as they are, with any byte before and behind. O(bytes).
  func isMentioned(in body: [UInt8]) -> Bool {
    guard let first = bytes.first, body.count >= bytes.count else { return false }
    return (0...body.count - bytes.count).contains { start in
      body[start] == first && body[start..<start + bytes.count].elementsEqual(bytes)
    }
  }

  /// What stays of a record; nil: nothing. The events of the worker are read from the table later, where they have another
  /// name. Of a patch that has the id only its place stays: a base tells what it changed.
  ///
  /// - Parameter range: is extended by what does not stay.
  func left(of record: ShipRecord, _ range: inout ShipRange?) -> ShipRecord? {
    switch record {
    case .event(let row) where row.event.workerID == worker:
      let atMs = row.event.timestampMs
      let one = ShipRange(fromMs: atMs, toMs: atMs + 1, kinds: ShipKinds([.event]))
      range = range?.union(one) ?? one
      return nil
    case .final(let row) where row.record.scope == .worker && row.record.id == worker: return nil
    case .patch(let row) where row.bytes.map(isMentioned) == true:
      return .patch(ShippedPatch(tip: row.tip, bytes: nil))
    default: return record
    }
  }
}
