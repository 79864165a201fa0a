import AndonCore
import Curl
import Foundation
import Logging
import Synchronization
import TestSupport

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonNotify
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// A site with routes, without a broker. The test sets both clocks and drives the notifier.
final class NotifySite {
  let site: AlarmSite
  let board = StatusBoard(bridgeID: "b1", siteIDs: ["plant-a"], startedAtMs: TestSite.nowMs)
  let log = LogRecorder()
  private let reference = StoreReference()
  private let ticks = TestClock()
  private(set) var loop: NotifyLoop

  var store: SiteStore { site.store }
  var nowMs: Int64 { site.clock.nowMs }
  var routes: [NotifyStatus.Route] { board.site("plant-a")?.notify.routes ?? [] }

  /// - Parameter routes: The items of `notify.routes`, in YAML.
  init(_ routes: [String], more: String = "") throws {
    let list = routes.map { "    - {\($0)}" }.joined(separator: "\n")
    site = try AlarmSite(
      more, sections: "alerts: {offline_delay: 0s, group_window: 0s}\nnotify:\n  routes:\n\(list)")
    site.clock.nowMs = TestSite.nowMs
    ticks.nowMs = 0
    reference.store = site.store
    loop = try Self.makeLoop(site, reference, board, ticks, log)
    try site.restart()
  }

  private static func makeLoop(
    _ site: AlarmSite, _ reference: StoreReference, _ board: StatusBoard, _ ticks: TestClock,
    _ log: LogRecorder
  ) throws -> NotifyLoop {
    let logger = Logger(label: "test") { _ in log }
    return NotifyLoop(
      site: site.base.site, store: reference, board: board, clock: WallClock { [c = site.clock] in c.nowMs },
      monotonic: MonotonicClock { ticks.nowMs }, client: try CurlClient(), logger: logger)
  }

  /// As after a kill: what the loop knew is gone, what is on its way is broken off.
  func restartLoop() throws { loop = try Self.makeLoop(site, reference, board, ticks, log) }

  /// Lets both clocks go on.
  func pass(milliseconds: Int64) {
    site.clock.nowMs += milliseconds
    ticks.nowMs += milliseconds
  }

  /// A camera that sent an event goes offline: a page at once.
  func goOffline(_ camera: String = "cam-01") throws {
    if site.turn.engine.cameras[camera] == nil {
      site.add(TestSite.event(nowMs, more: #","event_id":"\#(camera)""#), camera: camera)
      try site.commit(atMs: nowMs)
    }
    try site.setStatus("offline", of: camera, atMs: nowMs)
    try site.tick(atMs: nowMs)
  }

  func comeBack(_ camera: String = "cam-01") throws {
    try site.setStatus("online", of: camera, atMs: nowMs)
    try site.tick(atMs: nowMs)
  }

  /// Turns the loop until nothing that is due waits, or the condition holds; the clocks stand still.
  func turn(until what: String, seconds: Double = 30, _ condition: () throws -> Bool) throws {
    try waitUntil(what, seconds: seconds) {
      loop.turn(milliseconds: 20)
      return try condition()
    }
  }

  /// Turns until the route has nothing that is due.
  func drain() throws {
    try turn(until: "empty routes") { try waiting() == 0 && !loop.isBusy }
  }

  func waiting() throws -> Int {
    try store.notificationBacklogs(nowMs: nowMs).values.reduce(0) { $0 + $1.rows }
  }
}

extension HTTPReceiver {
  /// The event and the source of each body, in order.
  var told: [String] {
    requests.compactMap { request in
      guard let event = try? AlertEvent(request.body) else { return nil }
      return "\(event.event) \(event.sourceID)"
    }
  }
}
