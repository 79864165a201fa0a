package import AndonConfiguration
package import AndonCore
import AndonRuntime
package import AndonStatus
package import Logging
import Mosquitto

/// The bridge's one publishing connection, on a thread of its own. It carries the will. `PublishLoop` does
/// the work.
package final class Publisher: Sendable {
  package let publishQueue: PublishQueue
  private let settings: ConnectionSettings
  private let availabilityTopic: String
  private let status: StatusBoard?
  private let wakeup: Wakeup
  private let host: DiscoveryHost?
  private let logger: Logger
  private let signal: StopSignal

  /// - Parameters:
  ///   - host: the reader of discovery topics, if there are any.
  ///   - status: gets the state of the connection.
  package init(
    settings: BrokerSettings, password: String?, bridgeID: String, topics: TopicNames,
    host: DiscoveryHost? = nil, status: StatusBoard? = nil, logger: Logger
  ) throws {
    self.host = host
    var connection = ConnectionSettings(settings, password: password, clientID: "andon-\(bridgeID)")
    connection.cleanStart = true
    connection.sessionExpirySeconds = 10
    availabilityTopic = topics.availability(bridge: bridgeID)
    connection.will = Will(
      topic: availabilityTopic, payload: Array("offline".utf8), qos: 1, retain: true, delaySeconds: 5,
      contentType: "text/plain")
    self.settings = connection
    wakeup = try Wakeup()
    signal = StopSignal(wakeup: wakeup)
    publishQueue = PublishQueue(wakeup: wakeup)
    self.status = status
    status?.observe(publishQueue)
    self.logger = logger
  }

  /// Ends `run` once everything due was sent, at the latest after two seconds.
  package func stop() {
    signal.raise()
  }

  private var stopping: Bool { signal.raised }

  /// Blocks its thread until `stop`.
  package func run() {
    let loop = PublishLoop(
      publishQueue: publishQueue, availabilityTopic: availabilityTopic, address: settings.address,
      host: host, logger: logger)
    var random = SystemRandomNumberGenerator()
    while !stopping {
      do {
        try session(loop)
      } catch {
        let waitMs = loop.lost(error, using: &random)
        report(loop.health)
        if stopping { break }
        signal.pause(milliseconds: waitMs)
      }
    }
  }

  private func session(_ loop: PublishLoop) throws {
    let connection = try Connection(settings)
    try loop.begin(connection, wakeup: wakeup) { !stopping }
    var stopDeadline: ContinuousClock.Instant?
    while true {
      if stopping, stopDeadline == nil { stopDeadline = .now + .seconds(2) }
      try loop.step(isReadable: connection.wait(milliseconds: 500, wakeup: wakeup))
      report(loop.health)
      guard let stopDeadline else { continue }
      if !loop.isConnected || loop.isIdle || .now >= stopDeadline { break }
    }
    loop.sayGoodbye { connection.wait(milliseconds: 100, wakeup: wakeup) }
  }

  private func report(_ health: ConnectionHealth) {
    status?.updatePublisher(health)
  }
}
