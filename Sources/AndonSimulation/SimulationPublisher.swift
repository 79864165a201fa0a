import AndonCore
import AndonRuntime
import AndonStatus
import Foundation
package import Mosquitto

/// Publishes a simulation to a broker as its cameras would: QoS 1, paced, with a bounded window of
/// unacknowledged messages. Reports what the broker acknowledged, and what it dropped nevertheless.
package struct SimulationPublisher {
  private let connectionSettings: ConnectionSettings
  private let topics: TopicNames
  private let siteID: String
  private static let windowSize = 500
  /// How long the broker may leave messages unanswered.
  private static let answerLimit = Duration.seconds(30)
  /// Mosquitto publishes its counts every 10 s by default.
  private static let newsLimit = Duration.seconds(12)

  package init(connection: ConnectionSettings, root: String, siteID: String) {
    connectionSettings = connection
    topics = TopicNames(root: root)
    self.siteID = siteID
  }

  /// Blocks until the simulation is complete or `shouldStop`, and then until the broker reported its drops,
  /// at most 12 s. `paceMs` maps a message's time to the earliest wall clock time to send it; nil sends at
  /// once.
  ///
  /// - Throws: when the first connection fails. Later errors are in the report.
  package func publish(
    _ simulation: Simulation, paceMs: (Int64) -> Int64?, shouldStop: () -> Bool,
    progress: (SimulatedMessage) -> Void
  ) throws -> SimulationReport {
    var flow = Flow(connection: try Connection(connectionSettings))
    try flow.connection.connect()
    while !flow.isConnected { try turn(&flow, waitMs: 200) }
    try flow.connection.subscribe(BrokerDrops.filters, qos: 0, retainHandling: .always)
    do {
      try send(simulation, paceMs: paceMs, shouldStop: shouldStop, progress: progress, &flow)
      if !shouldStop() { try awaitNews(&flow, shouldStop: shouldStop) }
    } catch {
      flow.report.trouble = "\(error)"
    }
    flow.report.unacknowledged = flow.unacknowledged.count
    flow.report.dropped = flow.drops.sinceStart
    flow.connection.disconnect()
    return flow.report
  }

  private struct Flow {
    let connection: Connection
    var isConnected = false
    var unacknowledged: Set<Int32> = []
    /// When the broker last answered anything.
    var answeredAt = ContinuousClock.now
    var report = SimulationReport()
    var drops = BrokerDrops()
    let batch = MessageBatch()
  }

  private func send(
    _ simulation: Simulation, paceMs: (Int64) -> Int64?, shouldStop: () -> Bool,
    progress: (SimulatedMessage) -> Void, _ flow: inout Flow
  ) throws {
    for message in simulation {
      while let dueMs = paceMs(message.atMs), !shouldStop() {
        let waitMs = dueMs - WallClock.system.nowMs
        if waitMs <= 0 { break }
        try turn(&flow, waitMs: Int32(clamping: min(waitMs, 200)))
      }
      while flow.unacknowledged.count >= Self.windowSize { try turn(&flow, waitMs: 200) }
      if shouldStop() { break }
      if flow.unacknowledged.isEmpty { flow.answeredAt = .now }
      flow.unacknowledged.insert(try flow.connection.publish(publication(message)))
      if flow.unacknowledged.count % 64 == 0 { try turn(&flow, waitMs: 0) }
      progress(message)
    }
    while !flow.unacknowledged.isEmpty { try turn(&flow, waitMs: 200) }
  }

  /// Waits for the broker's next report: it contains the messages dropped just now.
  private func awaitNews(_ flow: inout Flow, shouldStop: () -> Bool) throws {
    let end = ContinuousClock.now + Self.newsLimit
    let seen = flow.drops.news
    while flow.drops.news == seen, flow.drops.isTold, !shouldStop(), ContinuousClock.now < end {
      flow.answeredAt = .now
      try turn(&flow, waitMs: 200)
    }
    // The uptime comes first, then the count of drops.
    flow.answeredAt = .now
    try turn(&flow, waitMs: 200)
  }

  private func turn(_ flow: inout Flow, waitMs: Int32) throws {
    try flow.connection.flush()
    flow.connection.wait(milliseconds: waitMs)
    _ = try flow.connection.receive(into: flow.batch, until: .init())
    flow.drops.read(flow.batch)
    flow.batch.removeAll()
    for event in flow.connection.dequeueEvents() {
      flow.answeredAt = .now
      switch event {
      case .connected(_, let reason):
        guard reason == 0 else { throw RefusedConnection(reason: reason) }
        flow.isConnected = true
      case .disconnected(let reason, let text): throw LostConnection(reason: reason, text: text)
      case .published(let mid, let reason): record(mid, reason, &flow)
      case .subscribed, .log: break
      }
    }
    if !flow.isConnected || !flow.unacknowledged.isEmpty,
      ContinuousClock.now - flow.answeredAt > Self.answerLimit
    {
      throw SilentBroker(seconds: Self.answerLimit.components.seconds)
    }
    try flow.connection.keepAlive()
  }

  private func record(_ mid: Int32, _ reason: UInt8, _ flow: inout Flow) {
    guard flow.unacknowledged.remove(mid) != nil else { return }
    guard reason < 0x80 else {
      flow.report.refused += 1
      return
    }
    flow.report.acknowledged += 1
    if reason == 0x10 { flow.report.unheard += 1 }
  }

  private func publication(_ message: SimulatedMessage) -> Publication {
    switch message.kind {
    case .event:
      Publication(
        topic: topics.event(site: siteID, camera: message.cameraID), payload: message.payload,
        properties: PublishProperties(contentType: "application/json", isUTF8: true))
    case .status:
      Publication(
        topic: topics.cameraStatus(site: siteID, camera: message.cameraID), payload: message.payload,
        retain: true)
    }
  }
}
