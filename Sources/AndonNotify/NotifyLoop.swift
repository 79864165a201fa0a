package import AndonConfiguration
import AndonCore
package import AndonRuntime
package import AndonStatus
package import AndonStore
package import Curl
package import Logging

/// Sends a site's notifications, one request at a time for each route. For one thread.
///
/// A row is deleted only after its receiver took it. A crash in between sends it again: readers detect the repeat by
/// `occurrence_id` and `rev`.
package final class NotifyLoop {
  private let siteID: String
  private let store: StoreReference
  private let board: StatusBoard
  private let clock: WallClock
  private let monotonic: MonotonicClock
  private let client: CurlClient
  private let logger: Logger
  private var lanes: [NotifyLane]
  /// The secrets of the requests that are on their way, by lane: an answer must not show them. None where they could
  /// not be read.
  private var accesses: [Int: NotifyAccess] = [:]
  private var shown: [NotifyStatus.Route] = []
  private var countedMs: Int64 = .min

  /// The longest pause: also escalations after a step of the clock are found within that.
  private static let longestPauseMs: Int64 = 5000
  private static let countMs: Int64 = 1000

  package init(
    site: SiteSettings, store: StoreReference, board: StatusBoard, clock: WallClock,
    monotonic: MonotonicClock = .system, client: CurlClient, logger: Logger
  ) {
    siteID = site.id
    self.store = store
    self.board = board
    self.clock = clock
    self.monotonic = monotonic
    self.client = client
    self.logger = logger
    let before = board.site(site.id)?.notify.routes ?? []
    let calendar = SiteCalendar(site)
    lanes = site.notify.map { route in
      var status = NotifyStatus.Route(
        id: route.route.id, kind: route.kind.rawValue, address: route.url.shown)
      // The counts of a route survive a reload.
      if let old = before.first(where: { $0.id == status.id }) {
        (status.delivered, status.failures, status.refused) = (old.delivered, old.failures, old.refused)
        status.deliveredMs = old.deliveredMs
      }
      return NotifyLane(NotifyRequests(route, site: site, calendar: calendar), status: status)
    }
    show()
  }

  /// Whether a request is on its way.
  package var isBusy: Bool { client.count > 0 }

  /// Starts what may go and waits until something ended, `client.wake` was called, or it is time to look again.
  ///
  /// - Parameter milliseconds: how long to wait at most.
  package func turn(milliseconds: Int64 = longestPauseMs, mayStart: Bool = true) {
    var pauseMs = min(milliseconds, Self.longestPauseMs)
    do {
      if let store = store.store {
        try delete(in: store)
        // In a fleet nothing leaves that a bridge that takes over would not know.
        if mayStart, store.gate?.isOpen != false { for index in lanes.indices { try start(index, store) } }
        try count(store)
        pauseMs = min(pauseMs, try untilNext(store))
      }
    } catch {
      // The site's own thread reports what is wrong with its file.
      logger.debug("notifications not read", metadata: ["site": "\(siteID)", "error": "\(error)"])
      pauseMs = min(milliseconds, 1000)
    }
    show()
    for (index, result) in client.run(milliseconds: Int32(clamping: max(1, pauseMs))) {
      let verdict = NotifyVerdict(result, lanes[index].requests.settings.kind)
      record(verdict, index)
    }
    if let store = store.store { try? delete(in: store) }
    show()
  }

  private func start(_ index: Int, _ store: SiteStore) throws {
    let (nowMs, monotonicMs) = (clock.nowMs, monotonic.nowMs)
    guard let rows = try lanes[index].next(store, nowMs: nowMs, monotonicMs: monotonicMs) else { return }
    do {
      let access = try NotifyAccess(lanes[index].requests.settings)
      accesses[index] = access
      try client.start(lanes[index].requests.request(rows, access, nowMs: nowMs), tag: index)
    } catch let error as SettingsError {
      record(.failed("\(error)"), index)
    } catch {
      record(.refused("it cannot be sent: \(error)"), index)
    }
  }

  private func record(_ verdict: NotifyVerdict, _ index: Int) {
    let access = accesses.removeValue(forKey: index)
    func clean(_ words: String) -> String { access?.withoutSecrets(words) ?? words }
    let safe: NotifyVerdict =
      switch verdict {
      case .taken(let note): .taken(note: note.map(clean))
      case .refused(let words): .refused(clean(words))
      case .failed(let words): .failed(clean(words))
      }
    for news in lanes[index].record(safe, nowMs: clock.nowMs, monotonicMs: monotonic.nowMs) {
      log(news, lanes[index].status)
    }
  }

  private func log(_ news: NotifyLane.News, _ route: NotifyStatus.Route) {
    var details: Logger.Metadata = [
      "site": "\(siteID)", "route": "\(route.id)", "receiver": "\(route.address)",
    ]
    switch news {
    case .began(let words):
      details["reason"] = "\(words)"
      logger.warning("pages wait: their receiver does not take them", metadata: details)
    case .ended: logger.notice("the receiver takes pages again", metadata: details)
    case .gaveUp(let words):
      details["reason"] = "\(words)"
      logger.warning("a notification was refused for a day and is given up", metadata: details)
    }
  }

  /// Deletes what was taken; what cannot be deleted is not sent again and is deleted at the next turn.
  private func delete(in store: SiteStore) throws {
    let all = lanes.flatMap(\.settled)
    guard !all.isEmpty else { return }
    try store.commit { try $0.removeNotifications(all) }
    for index in lanes.indices { lanes[index].forget(all) }
    countedMs = .min
  }

  private func count(_ store: SiteStore) throws {
    guard monotonic.nowMs - max(countedMs, .min / 2) >= Self.countMs else { return }
    countedMs = monotonic.nowMs
    let backlogs = try store.notificationBacklogs(nowMs: clock.nowMs)
    for index in lanes.indices { lanes[index].show(backlogs[lanes[index].status.id]) }
  }

  private func untilNext(_ store: SiteStore) throws -> Int64 {
    let (nowMs, monotonicMs) = (clock.nowMs, monotonic.nowMs)
    let due = try store.nextNotificationMs(after: nowMs).map { $0 - nowMs }
    let looks = lanes.compactMap(\.lookAgainMs).map { $0 - monotonicMs }
    return max(1, ([due].compactMap(\.self) + looks).filter { $0 > 0 }.min() ?? Self.longestPauseMs)
  }

  private func show() {
    let routes = lanes.map(\.status)
    guard routes != shown else { return }
    shown = routes
    board.update(siteID) { $0.notify.routes = routes }
  }
}
