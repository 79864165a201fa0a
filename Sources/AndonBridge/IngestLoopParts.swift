package import AndonIngest
package import AndonPublish
package import AndonRuntime
package import AndonStatus
package import AndonStore
package import Logging

/// What a site's ingest loop is composed of, beside its settings.
package struct IngestLoopParts: Sendable {
  /// Asks for closed KPI windows to be computed again, for `cmd/kpi/recompute`.
  package typealias Recompute = @Sendable (_ fromMs: Int64, _ toMs: Int64) -> Void

  package var publishQueue: PublishQueue
  package var status: StatusBoard
  package var storeReference: StoreReference
  /// What other threads ask of the site; its wake-up wakes the loop.
  package var requests: SiteCommandQueue
  /// Nil where closed windows are never computed again.
  package var recompute: Recompute?
  package var observers = IngestObservers.none
  /// Called after a commit that wrote notifications.
  package var notify: @Sendable () -> Void = {}
  package var clock: WallClock
  package var monotonic = MonotonicClock.system
  package var budget = FileDescriptorBudget()
  /// What goes into the file's log for the central history, and at most how many bytes wait there; nil: no log.
  package var log: (selection: ShipSelection, limitBytes: Int64)?
  /// Asked before each CONNECT; when it throws, there is none.
  package var mayConnect: @Sendable () throws -> Void = {}
  /// What commits wait for in a fleet, for each opening of the file; nil: for the disk only.
  package var gate: (@Sendable () -> CommitGate)?
  package var logger: Logger

  package init(
    publishQueue: PublishQueue, status: StatusBoard, storeReference: StoreReference,
    requests: SiteCommandQueue, clock: WallClock, logger: Logger
  ) {
    self.publishQueue = publishQueue
    self.status = status
    self.storeReference = storeReference
    self.requests = requests
    self.clock = clock
    self.logger = logger
  }
}
