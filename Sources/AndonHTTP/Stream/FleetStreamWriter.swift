import AndonOverview
import AndonRuntime

/// Makes the tiles of the fleet and tells the clients, until its task is cancelled.
struct FleetStreamWriter {
  let hub: EventBroadcaster
  let board: FleetBoard
  let clock: WallClock
  /// Tiles a second: `sitesAtOnce` every `interval`. A client takes them in time.
  static let interval: Duration = .milliseconds(500)
  static let sitesAtOnce = 2000
  /// Counted in intervals: ten seconds.
  private static let beatEvery = 20

  func run() async {
    var count = 0
    while !Task.isCancelled {
      let nowMs = clock.nowMs
      let change = board.withFleet { $0.update(nowMs: nowMs, limit: Self.sitesAtOnce) }
      for site in change.sites { hub.offer(.site, site.key.site, site.json) }
      for site in change.gone { hub.offer(.gone, site.key.site, site.json) }
      for alert in change.alerts { hub.offer(.alert, alert.key.site, alert.json) }
      hub.flush(isBeat: count % Self.beatEvery == 0)
      count += 1
      do { try await Task.sleep(for: Self.interval) } catch { return }
    }
  }
}
