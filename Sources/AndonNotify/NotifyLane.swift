import AndonConfiguration
import AndonRuntime
import AndonStatus
import AndonStore

/// What one route is doing: which notification is on its way, and what must wait.
///
/// One request at a time keeps the order. When the receiver takes nothing, the route waits with back-off. When it
/// refuses one notification, only that alert waits: its rows stay in order, and other alerts go on. A row that is
/// refused for a day is given up and counted.
struct NotifyLane {
  let requests: NotifyRequests
  /// What is on its way: a row, or (nil) the alerts that are open.
  private(set) var isBusy = false
  private var row: NotificationRow?
  /// Rows that the receiver took, or that are given up, and that are still in the table.
  private(set) var settled: [Int64] = []
  private var refused: [String: Wait] = [:]
  private var backoff = Self.makeBackoff()
  private var retryAtMs: Int64?
  private var refreshAtMs: Int64 = 0
  private(set) var status: NotifyStatus.Route

  /// A refused alert.
  private struct Wait {
    var backoff = NotifyLane.makeBackoff()
    var retryAtMs: Int64
  }

  /// What to log.
  enum News: Equatable {
    case began(String)
    case ended
    case gaveUp(String)
  }

  /// The most alerts that wait because they were refused; with more, the whole route waits.
  static let refusedLimit = 100
  static let giveUpMs: Int64 = 86_400_000
  /// How often an Alertmanager hears of the open alerts.
  static let refreshMs: Int64 = 60_000
  static let refreshLimit = 500
  private static let page = 50
  private static let pages = 20

  private static func makeBackoff() -> Backoff { Backoff(firstMs: 1000, limitMs: 60_000) }

  init(_ requests: NotifyRequests, status: NotifyStatus.Route) {
    self.requests = requests
    self.status = status
  }

  // MARK: What comes next

  /// The rows of the next request, and marks them as on their way; nil when there is nothing to send now.
  mutating func next(_ store: SiteStore, nowMs: Int64, monotonicMs: Int64) throws -> [NotificationRow]? {
    guard !isBusy, monotonicMs >= retryAtMs ?? .min else { return nil }
    if let next = try nextRow(store, nowMs: nowMs, monotonicMs: monotonicMs) {
      (isBusy, row) = (true, next)
      return [next]
    }
    guard requests.settings.kind == .alertmanager, monotonicMs >= refreshAtMs else { return nil }
    refreshAtMs = monotonicMs + Self.refreshMs
    let open = try store.openNotifications(
      route: status.id, dueMs: nowMs, limit: Self.refreshLimit)
    guard !open.isEmpty else { return nil }
    (isBusy, row) = (true, nil)
    return open
  }

  private func nextRow(
    _ store: SiteStore, nowMs: Int64, monotonicMs: Int64
  ) throws -> NotificationRow? {
    var last: Int64 = 0
    // An alert with an older row that waits must not be overtaken by its own newer ones.
    for _ in 0..<Self.pages {
      let rows = try store.notifications(route: status.id, after: last, dueMs: nowMs, limit: Self.page)
      let free = rows.first { row in
        !settled.contains(row.sequence) && refused[row.alertID].map { $0.retryAtMs <= monotonicMs } != false
      }
      guard free == nil, rows.count == Self.page, let end = rows.last else { return free }
      last = end.sequence
    }
    return nil
  }

  /// When to look again, monotonic; nil when only something new makes it worth it.
  var lookAgainMs: Int64? {
    guard !isBusy else { return nil }
    let times =
      [retryAtMs, requests.settings.kind == .alertmanager ? refreshAtMs : nil]
      + refused.values.map(\.retryAtMs)
    return times.compactMap(\.self).min()
  }

  // MARK: What came of it

  mutating func record(_ verdict: NotifyVerdict, nowMs: Int64, monotonicMs: Int64) -> [News] {
    defer { (isBusy, row) = (false, nil) }
    var random = SystemRandomNumberGenerator()
    switch verdict {
    case .taken(let note):
      if let row {
        settled.append(row.sequence)
        refused[row.alertID] = nil
        status.delivered += 1
        status.deliveredMs = nowMs
        status.note = note
      }
      retryAtMs = nil
      backoff.reset()
      guard status.error != nil, refused.isEmpty else { return [] }
      (status.error, status.failingSinceMs) = (nil, nil)
      return [.ended]
    case .refused(let words):
      guard let row, refused.count < Self.refusedLimit || refused[row.alertID] != nil else {
        return fail(words, nowMs: nowMs, monotonicMs: monotonicMs)
      }
      status.failures += 1
      guard nowMs - row.queuedMs < Self.giveUpMs else {
        settled.append(row.sequence)
        refused[row.alertID] = nil
        status.refused += 1
        return [.gaveUp("\(row.alertID): \(words)")]
      }
      var wait = refused[row.alertID] ?? Wait(retryAtMs: 0)
      wait.retryAtMs = monotonicMs + wait.backoff.next(using: &random)
      refused[row.alertID] = wait
      return begin("\(row.alertID): \(words)", nowMs: nowMs)
    case .failed(let words):
      return fail(words, nowMs: nowMs, monotonicMs: monotonicMs)
    }
  }

  private mutating func fail(_ words: String, nowMs: Int64, monotonicMs: Int64) -> [News] {
    var random = SystemRandomNumberGenerator()
    status.failures += 1
    retryAtMs = monotonicMs + backoff.next(using: &random)
    return begin(words, nowMs: nowMs)
  }

  /// The same trouble again is no news, but its newest words are shown.
  private mutating func begin(_ words: String, nowMs: Int64) -> [News] {
    let isNews = status.error == nil
    status.error = words
    status.failingSinceMs = status.failingSinceMs ?? nowMs
    return isNews ? [.began(words)] : []
  }

  /// The rows were deleted from the table.
  mutating func forget(_ sequences: [Int64]) { settled.removeAll(where: sequences.contains) }

  mutating func show(_ backlog: NotificationBacklog?) {
    let backlog = backlog ?? NotificationBacklog()
    (status.waiting, status.oldestMs) = (backlog.rows, backlog.oldestMs)
    status.escalating = backlog.escalating
  }
}
