@testable import AndonCore
@testable import AndonStore

/// A restore from the model of a central database.
struct ModelRestore: RestoreSource {
  var server: ShipServer
  var counters: [String: Int64]
  /// Fails when so many pages of events were read.
  var pages = Int.max
  /// How many events a page has.
  var pageRows = 100
  /// After that of the bridge that wrote.
  var epoch: Int64 = 2
  private final class Count { var read = 0 }
  private let count = Count()

  struct Ended: Error {}

  /// - Parameter store: the counters at the server are those of this file.
  init(_ server: ShipServer, _ store: SiteStore) throws {
    self.server = server
    let all = try store.counters()
    counters = OutcomeCounters.names.reduce(into: [:]) { $0[$1.name] = all[keyPath: $1.path] }
  }

  func head() -> RestoreHead? {
    RestoreHead(position: server.head, epoch: epoch, clusterID: [1], counters: counters)
  }

  func base() -> WorkingState? { server.base }

  func patches(after seq: Int64) -> [(seq: Int64, patch: ShippedPatch)] {
    server.patches.filter { $0.key > seq }.sorted { $0.key < $1.key }.prefix(3).map { ($0.key, $0.value) }
  }

  func events(fromMs: Int64, after last: ShippedEvent?, rows: Int) throws -> [ShippedEvent] {
    count.read += 1
    guard count.read <= pages else { throw Ended() }
    let all = server.rows.values.compactMap { if case .event(let row) = $0 { row } else { nil } }
    return Array(
      all.filter { row in row.event.timestampMs >= fromMs && last.map { Self.precedes($0, row) } ?? true }
        .sorted(by: Self.precedes).prefix(min(rows, pageRows)))
  }

  private static func precedes(_ left: ShippedEvent, _ right: ShippedEvent) -> Bool {
    let (one, other) = (left.event, right.event)
    if one.timestampMs != other.timestampMs { return one.timestampMs < other.timestampMs }
    return [one.workerID, "\(one.kind.rawValue)", one.workstationID, one.eventID]
      .lexicographicallyPrecedes([
        other.workerID, "\(other.kind.rawValue)", other.workstationID, other.eventID,
      ])
  }

  func erasures() -> [ShippedErasure] { [] }
}
