import AndonCore
import AndonPublish
import AndonRuntime
import AndonStatus
import ServiceLifecycle

/// Publishes the bridge's own status every 30 s, and at once when a site's health or the publisher's refusals
/// change.
struct HeartbeatService: Service {
  let board: StatusBoard
  let topic: String
  let publishQueue: PublishQueue
  let clock: WallClock
  static let interval: Duration = .seconds(30)
  /// How often it checks for changes.
  private static let lookInterval: Duration = .milliseconds(500)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var shown: [String: SiteHealth.State] = [:]
      var publisher: String?
      var due = ContinuousClock.now
      while !Task.isCancelled {
        let states = board.states
        let refusal = board.publisher.refusal
        if states != shown || refusal != publisher || ContinuousClock.now >= due {
          (shown, publisher) = (states, refusal)
          due = .now + Self.interval
          publishQueue.set(
            .json(
              topic, StatusDocument.heartbeat(board, nowMs: clock.nowMs), schema: "bridge/1", retain: true)
          )
          publishQueue.flush()
        }
        do { try await Task.sleep(for: Self.lookInterval) } catch { return }
      }
    }
  }
}
