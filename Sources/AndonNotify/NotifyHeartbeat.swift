package import AndonConfiguration
package import AndonRuntime
package import AndonStatus
import Curl
package import Logging

/// Calls the dead-man's switch while the bridge is ready, on a thread of its own. When the bridge is not ready, or is
/// gone, the switch hears nothing and calls a person.
package final class NotifyHeartbeat: Sendable {
  private let settings: NotifyHeartbeatSettings
  private let board: StatusBoard
  private let clock: WallClock
  private let client: CurlClient
  private let signal = StopSignal()
  private let logger: Logger
  private static let timeoutMs: Int64 = 10_000

  /// - Throws: when libcurl cannot be set up.
  package init(
    _ settings: NotifyHeartbeatSettings, board: StatusBoard, clock: WallClock, logger: Logger
  ) throws {
    self.settings = settings
    self.board = board
    self.clock = clock
    self.logger = logger
    client = try CurlClient(connections: 1)
    board.heartbeat = NotifyHeartbeatStatus(address: settings.url.shown)
  }

  package func stop() {
    signal.raise()
    client.wake()
  }

  /// Blocks its thread until `stop`.
  package func run() {
    var dueMs = MonotonicClock.system.nowMs
    while !signal.raised {
      let nowMs = MonotonicClock.system.nowMs
      if nowMs >= dueMs {
        dueMs = nowMs + settings.everyMs
        beat()
      }
      // A bridge that becomes ready is heard of within a second.
      let waitMs = board.heartbeat?.isWithheld == true ? 1000 : dueMs - MonotonicClock.system.nowMs
      for (_, result) in client.run(milliseconds: Int32(clamping: max(1, min(waitMs, 60_000)))) {
        record(result)
      }
      if board.heartbeat?.isWithheld == true, board.isReady { dueMs = nowMs }
    }
  }

  private func beat() {
    let isReady = board.isReady
    if board.heartbeat?.isWithheld == isReady { logger.debug("heartbeat", metadata: ["sent": "\(isReady)"]) }
    board.heartbeat?.isWithheld = !isReady
    guard isReady, client.count == 0 else { return }
    do {
      let url = try settings.url.read(for: "notify.heartbeat.url_file", schemes: ["https", "http"])
      var request = CurlRequest(url: url, work: .get)
      (request.caFile, request.timeoutMs) = (settings.caFile, Self.timeoutMs)
      try client.start(request, tag: 0)
    } catch {
      record(error: "\(error)")
    }
  }

  private func record(_ result: CurlResult) {
    switch NotifyVerdict(result, .webhook) {
    case .taken:
      let hadFailed = board.heartbeat?.error != nil
      board.heartbeat?.sentMs = clock.nowMs
      board.heartbeat?.error = nil
      if hadFailed { logger.notice("the dead-man's switch answers again") }
    // What the switch says is not shown: it may repeat its address, which may be secret.
    case .refused, .failed:
      record(error: result.failure == nil ? "answered \(result.status)" : Self.words(result.failure))
    }
  }

  private static func words(_ failure: CurlResult.Failure?) -> String {
    switch failure {
    case .certificate: "no TLS connection: put the authority of its certificate into ca_file"
    case .timeout: "no answer in time"
    default: "cannot be reached"
    }
  }

  private func record(error words: String) {
    let isNews = board.heartbeat?.error == nil
    board.heartbeat?.failures += 1
    board.heartbeat?.error = words
    guard isNews else { return }
    logger.warning(
      "the dead-man's switch does not hear the bridge",
      metadata: ["receiver": "\(settings.url.shown)", "reason": "\(words)"])
  }
}
