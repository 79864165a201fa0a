package import AndonConfiguration
package import AndonRuntime
package import AndonStatus
package import AndonStore
import Curl
package import Logging

/// A site's thread for notifications: a slow receiver delays neither the site nor another receiver.
package final class SiteNotifier: Sendable {
  private let site: SiteSettings
  private let store: StoreReference
  private let board: StatusBoard
  private let clock: WallClock
  private let budget: FileDescriptorBudget
  private let client: CurlClient
  private let signal = StopSignal()
  private let logger: Logger

  /// How long a request that is on its way may take when the site stops; after that it is sent again at the next start.
  private static let patienceMs: Int64 = 1000

  /// - Throws: when libcurl cannot be set up.
  package init(
    site: SiteSettings, store: StoreReference, board: StatusBoard, clock: WallClock,
    budget: FileDescriptorBudget, logger: Logger
  ) throws {
    self.site = site
    self.store = store
    self.board = board
    self.clock = clock
    self.budget = budget
    self.logger = logger
    client = try CurlClient(connections: site.notify.count)
  }

  /// The descriptors that it needs: a socket in use and an idle one for each route, and the library's own.
  private var share: Int { 2 * site.notify.count + 4 }

  /// There may be something to send.
  package func wake() { client.wake() }

  /// Blocks its thread until `stop`.
  package func run() {
    guard acquire() else { return }
    defer { budget.give(share) }
    let loop = NotifyLoop(
      site: site, store: store, board: board, clock: clock, client: client, logger: logger)
    while !signal.raised { loop.turn() }
    let end = MonotonicClock.system.nowMs + Self.patienceMs
    while loop.isBusy, MonotonicClock.system.nowMs < end { loop.turn(milliseconds: 100, mayStart: false) }
  }

  package func stop() {
    signal.raise()
    client.wake()
  }

  /// Waits for its descriptors; returns false when it was stopped meanwhile.
  private func acquire() -> Bool {
    var isNews = true
    while !signal.raised {
      do {
        try budget.acquire(share)
        return true
      } catch {
        if isNews {
          logger.error("pages wait", metadata: ["site": "\(site.id)", "error": "\(error)"])
        }
        isNews = false
        signal.pause(milliseconds: 5000)
      }
    }
    return false
  }
}
