import AndonCore
import AndonRuntime
import GRDB

/// The numbers of the names of restored events, and which of the events are of erased workers.
struct RestoredNames {
  private var numbers: [EntityKind: [String: Int32]] = [:]
  private let erasures: [ShippedErasure]
  /// By worker, up to when its events are erased.
  private var erasedUntil: [String: Int64] = [:]

  init(_ db: Database, _ erasures: [ShippedErasure]) throws {
    self.erasures = erasures
    for name in try StoreTransaction(reading: db).names() {
      numbers[name.kind, default: [:]][name.text] = name.id
    }
  }

  /// Nil for an event with a name that the file does not have.
  func names(of row: ShippedEvent) -> EventNames? {
    let event = row.event
    guard let worker = number(.worker, event.workerID),
      let station = number(.workstation, event.workstationID),
      let camera = number(.camera, row.cameraID), let model = number(.model, event.modelVersion)
    else { return nil }
    return EventNames(worker: worker, workstation: station, camera: camera, model: model)
  }

  private func number(_ kind: EntityKind, _ text: String) -> Int32? {
    text.isEmpty ? 0 : numbers[kind]?[text]
  }

  /// The server still has it, under the name of a worker who was erased. The same event is there under another name.
  mutating func isErased(_ event: Event) -> Bool {
    guard !erasures.isEmpty, !event.workerID.isEmpty else { return false }
    if let untilMs = erasedUntil[event.workerID] { return event.timestampMs <= untilMs }
    let worker = Array(event.workerID.utf8)
    let untilMs =
      erasures.filter { KeyedHash.hex(worker, key: $0.salt) == $0.digest }.map(\.atMs).max() ?? .min
    erasedUntil[event.workerID] = untilMs
    return event.timestampMs <= untilMs
  }
}
