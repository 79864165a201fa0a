package import AndonConfiguration
import AndonRuntime
package import AndonStatus
package import Logging
import Mosquitto

/// A publishing connection, on a thread of its own: the bridge's one, or in a fleet a site's. It carries the will.
/// `PublishLoop` does the work.
package final class Publisher: Sendable {
  package let publishQueue: PublishQueue
  private let settings: ConnectionSettings
  private let identity: PublisherIdentity
  private let mayConnect: @Sendable () throws -> Void
  private let report: @Sendable (ConnectionHealth) -> Void
  private let wakeup: Wakeup
  private let host: DiscoveryHost?
  private let logger: Logger
  private let signal: StopSignal

  /// - Parameters:
  ///   - host: the reader of discovery topics, if there are any.
  ///   - mayConnect: asked before each CONNECT; when it throws, there is none.
  ///   - report: gets the state of the connection.
  package init(
    settings: BrokerSettings, password: String?, identity: PublisherIdentity,
    host: DiscoveryHost? = nil, mayConnect: @escaping @Sendable () throws -> Void = {},
    report: @escaping @Sendable (ConnectionHealth) -> Void = { _ in }, logger: Logger
  ) throws {
    self.host = host
    self.identity = identity
    (self.mayConnect, self.report) = (mayConnect, report)
    var connection = ConnectionSettings(settings, password: password, clientID: identity.clientID)
    connection.cleanStart = !identity.isHandedOver
    connection.sessionExpirySeconds = identity.sessionExpirySeconds
    connection.will = Will(
      topic: identity.availabilityTopic, payload: Array("offline".utf8), qos: 1, retain: true,
      delaySeconds: identity.willDelaySeconds, contentType: "text/plain")
    self.settings = connection
    wakeup = try Wakeup()
    signal = StopSignal(wakeup: wakeup)
    publishQueue = PublishQueue(wakeup: wakeup)
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
      publishQueue: publishQueue, availabilityTopic: identity.availabilityTopic, address: settings.address,
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
    try mayConnect()
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
    if identity.isHandedOver { return loop.leave() }
    loop.sayGoodbye { connection.wait(milliseconds: 100, wakeup: wakeup) }
  }
}
