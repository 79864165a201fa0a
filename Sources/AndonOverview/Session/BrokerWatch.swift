import AndonCore
package import AndonRuntime
import AndonStatus
import Foundation
package import Logging
package import Mosquitto

/// Follows one broker on a thread of its own: connects, subscribes, applies what comes to the board.
package final class BrokerWatch: Sendable {
  /// What a watch works with.
  package struct Parts: Sendable {
    package var settings: ConnectionSettings
    package var root: String
    /// The broker's place in the configuration.
    package var broker: Int
    package var name: String
    /// Whether commands may be sent.
    package var sendsCommands: Bool

    package init(settings: ConnectionSettings, root: String, broker: Int, name: String, sendsCommands: Bool) {
      self.settings = settings
      self.root = root
      self.broker = broker
      self.name = name
      self.sendsCommands = sendsCommands
    }
  }

  /// The broker has sent all that it keeps when no retained message came for that long.
  private static let quietMs: Int64 = 3000

  private let parts: Parts
  private let board: FleetBoard
  private let commands: FleetCommands
  private let wakeup: Wakeup
  private let signal: StopSignal
  private let clock: WallClock
  private let logger: Logger

  package init(
    _ parts: Parts, board: FleetBoard, commands: FleetCommands, wakeup: Wakeup, clock: WallClock,
    logger: Logger
  ) {
    self.parts = parts
    self.board = board
    self.commands = commands
    self.wakeup = wakeup
    signal = StopSignal(wakeup: wakeup)
    self.clock = clock
    self.logger = logger
  }

  /// Ends `run` soon.
  package func stop() { signal.raise() }

  /// Blocks its thread until `stop`.
  package func run() {
    var health = ConnectionHealth(address: parts.settings.address)
    var random = SystemRandomNumberGenerator()
    let monotonic = MonotonicClock.system
    while !signal.raised {
      do {
        try session(monotonic) { health.connected(monotonicMs: monotonic.nowMs) }
      } catch {
        let before = health.trouble
        let waitMs = health.lost(error, monotonicMs: monotonic.nowMs, using: &random)
        let trouble = health.trouble ?? "\(error)"
        board.withFleet { $0.disconnected(broker: parts.broker, trouble: trouble, nowMs: clock.nowMs) }
        commands.disconnected(broker: parts.broker)
        logger.log(
          level: trouble == before ? .debug : .warning, "broker has no connection",
          metadata: ["broker": "\(parts.name)", "error": "\(trouble)", "retry_ms": "\(waitMs)"])
        if !signal.raised { signal.pause(milliseconds: waitMs) }
      }
    }
  }

  private var filters: [String] {
    let root = parts.root
    return [
      "\(root)/+/kpi/site/#", "\(root)/+/alert_summary", "\(root)/+/alert/+/+", "\(root)/+/meta/site",
      "\(root)/_bridge/+/availability", "\(root)/_bridge/+/status",
    ] + (parts.sendsCommands ? ["\(root)/+/cmd_result/alert/ack"] : [])
  }

  private func session(_ monotonic: MonotonicClock, onConnected: () -> Void) throws {
    let connection = try Connection(parts.settings)
    try connection.connect(wakeup: wakeup) { !signal.raised }
    let batch = MessageBatch()
    var quietSinceMs: Int64?
    var isConnected = false
    var repair = SiteRepair(root: parts.root)
    var requests: Set<Int32> = []
    while !signal.raised {
      if connection.wait(milliseconds: 500, wakeup: wakeup) {
        _ = try connection.receive(into: batch, until: .init(messages: 1024, bytes: 4 << 20))
      }
      for event in connection.dequeueEvents() {
        switch event {
        case .connected(_, let reason):
          guard reason == 0 else { throw RefusedConnection(reason: reason) }
          isConnected = true
          onConnected()
          board.withFleet { $0.connected(broker: parts.broker, nowMs: clock.nowMs) }
          logger.info("broker connected", metadata: ["broker": "\(parts.name)"])
          requests = [try connection.subscribe(filters, qos: 1, retainHandling: .always)]
        case .subscribed(let packetID, let granted):
          guard requests.remove(packetID) != nil else {
            repair.subscribed(packetID: packetID, nowMs: monotonic.nowMs)
            continue
          }
          report(granted)
          quietSinceMs = monotonic.nowMs
        case .disconnected(let reason, let text): throw LostConnection(reason: reason, text: text)
        case .published, .log: break
        }
      }
      if batch.count > 0 {
        let (hasRetained, answers) = board.apply(batch, broker: parts.broker, nowMs: clock.nowMs)
        batch.removeAll()
        if hasRetained {
          if quietSinceMs != nil { quietSinceMs = monotonic.nowMs }
          repair.retainedCame(nowMs: monotonic.nowMs)
        }
        for (key, answer) in answers { commands.answered(answer, of: key) }
      }
      if let since = quietSinceMs, monotonic.nowMs - since >= Self.quietMs {
        quietSinceMs = nil
        board.withFleet { $0.complete(broker: parts.broker) }
      }
      if isConnected {
        try mend(connection, &repair, monotonic.nowMs)
        for command in commands.take(broker: parts.broker) { try connection.publish(command) }
      }
      try connection.flush()
      try connection.keepAlive()
    }
    connection.disconnect()
  }

  private func mend(_ connection: Connection, _ repair: inout SiteRepair, _ nowMs: Int64) throws {
    let broker = parts.broker
    let step = repair.step(
      nowMs: nowMs, done: { sites in board.withFleet { $0.asked(broker: broker, sites: sites) } },
      open: { board.withFleet { $0.sitesToAsk(broker: broker) } })
    guard let step else { return }
    if !step.old.isEmpty { try connection.unsubscribe(step.old) }
    guard !step.new.isEmpty else { return }
    repair.sent(packetID: try connection.subscribe(step.new, qos: 1, retainHandling: .always))
  }

  /// A filter that is refused is a trouble that people must see; the others are read nevertheless.
  private func report(_ granted: [UInt8]) {
    guard let refusal = RefusedSubscription(filters, asked: 0, granted: granted) else { return }
    let words = "\(refusal)"
    board.withFleet { $0.refused(broker: parts.broker, trouble: words) }
    logger.warning(
      "the broker refuses a subscription", metadata: ["broker": "\(parts.name)", "error": "\(words)"])
  }
}
