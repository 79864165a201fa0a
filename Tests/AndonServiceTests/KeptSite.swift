import AndonCore
import Foundation
import Logging
import Mosquitto

@testable import AndonBridge
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// A site's maintenance service on its own thread, without the rest of the bridge.
final class KeptSite: Sendable {
  let board = StatusBoard(bridgeID: "bridge-01", siteIDs: ["plant-a"], startedAtMs: 0)
  let log = LogRecorder()
  let recomputes = RecomputeQueue()
  let holder = StoreReference()
  private let keeper: MaintenanceService
  private let ended = DispatchSemaphore(value: 0)

  init(_ test: TestSite, nowMs: @escaping @Sendable () -> Int64 = { TestSite.nowMs }) throws {
    let log = log
    holder.store = test.store
    keeper = try MaintenanceService(
      site: test.site, store: holder, recomputes: recomputes, bridgeID: "bridge-01",
      topics: TopicNames(root: "andon/v1"), publishQueue: PublishQueue(wakeup: try Wakeup()), status: board,
      clock: WallClock(nowMs), logger: Logger(label: "test") { _ in log }, roundMs: 100)
    let (keeper, ended) = (keeper, ended)
    Thread.detachNewThread {
      keeper.run()
      ended.signal()
    }
  }

  var status: SiteStatus { board.snapshot[0] }

  /// Waits until the thread has ended, at most this long. Returns whether it has.
  @discardableResult
  func stop(seconds: Double = 30) -> Bool {
    keeper.stop()
    return ended.wait(timeout: .now() + seconds) == .success
  }
}
