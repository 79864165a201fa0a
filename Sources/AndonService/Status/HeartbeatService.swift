import AndonCore
import ServiceLifecycle

/// Publishes the bridge's own status every 30 s.
struct HeartbeatService: Service {
  let board: StatusBoard
  let topic: String
  let outgoing: Outgoing
  let clock: WallClock
  static let interval: Duration = .seconds(30)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        outgoing.set(
          .json(topic, StatusDocument.heartbeat(board, nowMs: clock.nowMs), schema: "bridge/1", retain: true))
        outgoing.flush()
        do { try await Task.sleep(for: Self.interval) } catch { return }
      }
    }
  }
}
