import AndonCore
import AndonRuntime
import AndonStatus

/// Drives the stream until its task is cancelled: flushes, heartbeats and the status of each site.
struct EventStreamWriter {
  let hub: EventBroadcaster
  let board: StatusBoard
  let clock: WallClock
  /// Counted in flushes: every second, every ten seconds.
  private static let statusEvery = 5
  private static let beatEvery = 50

  func run() async {
    var count = 0
    var shown: [String: SiteStatus] = [:]
    while !Task.isCancelled {
      if count % Self.statusEvery == 0 {
        hub.refill()
        let isBeat = count % Self.beatEvery == 0
        for status in board.snapshot {
          guard isBeat || hasChanged(status, shown[status.siteID]) else { continue }
          shown[status.siteID] = status
          hub.offer(status: StatusDocument.brief(status, nowMs: clock.nowMs), site: status.siteID)
        }
      }
      hub.flush(isBeat: count % Self.beatEvery == 0)
      count += 1
      do { try await Task.sleep(for: EventBroadcaster.flushInterval) } catch { return }
    }
  }

  private func hasChanged(_ status: SiteStatus, _ shown: SiteStatus?) -> Bool {
    guard let shown else { return true }
    return status.counters != shown.counters || status.isConnected != shown.isConnected
      || status.trouble != shown.trouble
  }
}
