import AndonCore
import Foundation
package import Mosquitto

/// Publishes a simulation to a broker as its cameras would: QoS 1, at a pace, never more unacknowledged than
/// a bounded window.
package struct SimulationPublisher {
  private let connectionSettings: ConnectionSettings
  private let topics: TopicNames
  private let siteID: String
  private static let windowSize = 500

  package init(connection: ConnectionSettings, root: String, siteID: String) {
    connectionSettings = connection
    topics = TopicNames(root: root)
    self.siteID = siteID
  }

  /// Blocks until the simulation is through or `shouldStop`. `paceMs` maps a message's time to the earliest
  /// wall clock time to send it; nil sends at once. Returns the number of messages acknowledged.
  package func publish(
    _ simulation: Simulation, paceMs: (Int64) -> Int64?, shouldStop: () -> Bool,
    progress: (SimulatedMessage) -> Void
  ) throws -> Int {
    let connection = try Connection(connectionSettings)
    try connection.connect()
    let wakeup = try Wakeup()
    var flow = Flow()
    while !flow.isConnected { try turn(connection, wakeup, &flow, waitMs: 200) }
    for message in simulation {
      while let dueMs = paceMs(message.atMs), !shouldStop() {
        let waitMs = dueMs - WallClock.system.nowMs
        if waitMs <= 0 { break }
        try turn(connection, wakeup, &flow, waitMs: Int32(clamping: min(waitMs, 200)))
      }
      while flow.unacknowledged.count >= Self.windowSize { try turn(connection, wakeup, &flow, waitMs: 200) }
      if shouldStop() { break }
      flow.unacknowledged.insert(try connection.publish(publication(message)))
      if flow.unacknowledged.count % 64 == 0 { try turn(connection, wakeup, &flow, waitMs: 0) }
      progress(message)
    }
    while !flow.unacknowledged.isEmpty { try turn(connection, wakeup, &flow, waitMs: 200) }
    connection.disconnect()
    return flow.acknowledged
  }

  private struct Flow {
    var isConnected = false
    var unacknowledged: Set<Int32> = []
    var acknowledged = 0
    let batch = MessageBatch()
  }

  private func turn(
    _ connection: Connection, _ wakeup: Wakeup, _ flow: inout Flow, waitMs: Int32
  ) throws {
    try connection.flush()
    _ = poll(
      socket: connection.socket, wantsWrite: connection.wantsWrite, wakeup: wakeup,
      timeoutMilliseconds: waitMs)
    _ = try connection.receive(into: flow.batch, until: .init())
    flow.batch.removeAll()
    for event in connection.takeEvents() {
      switch event {
      case .connected(_, let reason):
        guard reason == 0 else { throw RefusedConnection(reason: reason) }
        flow.isConnected = true
      case .disconnected(let reason, let text): throw LostConnection(reason: reason, text: text)
      case .published(let mid, _):
        if flow.unacknowledged.remove(mid) != nil { flow.acknowledged += 1 }
      case .subscribed, .log: break
      }
    }
    try connection.keepAlive()
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
