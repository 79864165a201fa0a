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

  /// Whether a record stays. The events of the worker are read from the table later, where they have another name.
  ///
  /// - Parameter range: is extended by what does not stay.
  func keeps(_ record: ShipRecord, _ range: inout ShipRange?) -> Bool {
    switch record {
    case .event(let row) where row.event.workerID == worker:
      let atMs = row.event.timestampMs
      let one = ShipRange(fromMs: atMs, toMs: atMs + 1, kinds: ShipKinds([.event]))
      range = range?.union(one) ?? one
      return false
    case .final(let row): return !(row.record.scope == .worker && row.record.id == worker)
    default: return true
    }
  }
}
