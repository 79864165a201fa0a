import AndonRuntime
import AndonStore
import Logging

/// Opens and closes the site's file for the ingest loop, its only writer, and shows it to the readers through
/// the `StoreReference`.
struct SiteStoreOpener: Sendable {
  /// How much of the time before a log is switched on goes to the central database by itself: the days whose figures may
  /// still change.
  private static let loggedBeforeMs: Int64 = 2 * 86_400_000

  let path: String
  private let siteID: String
  private let reference: StoreReference
  private let descriptors: FileDescriptorLease
  private let log: (selection: ShipSelection, limitBytes: Int64)?
  private let gate: (@Sendable () -> CommitGate)?
  private let clock: WallClock
  private let logger: Logger

  init(path: String, siteID: String, _ parts: IngestLoopParts) {
    self.path = path
    self.siteID = siteID
    reference = parts.storeReference
    descriptors = FileDescriptorLease(parts.budget)
    (log, gate) = (parts.log, parts.gate)
    clock = parts.clock
    logger = parts.logger
  }

  /// The open store; nil until `open` succeeded and after `close`.
  var current: SiteStore? { reference.store }

  /// The open store; opens the file if it is closed.
  func open() throws -> SiteStore {
    if let store = reference.store { return store }
    try descriptors.acquire()
    let store = try SiteStore.openForWriting(path: path, siteID: siteID, clock: clock)
    do {
      // Before anything is committed: a log that is off, or has another selection, misses nothing that it should have.
      try store.setLog(
        log?.selection, limitBytes: log?.limitBytes ?? 0,
        // In a fleet other bridges continue from what the database has: all of it.
        sinceMs: gate == nil ? clock.nowMs - Self.loggedBeforeMs : 0)
      if let gate { try store.hold(gate()) }
    } catch {
      try? store.close()
      throw error
    }
    reference.store = store
    return store
  }

  func close() {
    guard let store = reference.store else { return }
    reference.store = nil
    do { try store.close() } catch {
      logger.warning("store not closed cleanly", metadata: ["site": "\(siteID)", "error": "\(error)"])
    }
  }

  /// Closes the file and gives the site's share of the file descriptors back.
  func closeForGood() {
    close()
    descriptors.give()
  }
}
