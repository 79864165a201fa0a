package import AndonCore
import Foundation
package import Logging
import Mosquitto

/// The bridge's one publishing connection, on a thread of its own. It carries the will.
///
/// It publishes only when connected (libmosquitto would queue while disconnected, and repeat) and sends its
/// birth and every retained value again after each connect. At most `windowSize` messages are unacknowledged.
package final class Publisher: Sendable {
  package let outgoing: Outgoing
  private let settings: ConnectionSettings
  private let availabilityTopic: String
  private let wakeup: Wakeup
  private let logger: Logger
  private let signal: StopSignal
  private static let windowSize = 1000

  package init(
    settings: BrokerSettings, password: String?, bridgeID: String, topics: TopicNames, logger: Logger
  ) throws {
    var connection = ConnectionSettings(settings, password: password, clientID: "andon-\(bridgeID)")
    connection.cleanStart = true
    connection.sessionExpirySeconds = 10
    availabilityTopic = topics.availability(bridge: bridgeID)
    connection.will = Will(
      topic: availabilityTopic, payload: Array("offline".utf8), qos: 1, retain: true, delaySeconds: 5,
      contentType: "text/plain")
    self.settings = connection
    wakeup = try Wakeup()
    signal = try StopSignal(wakeup: wakeup)
    outgoing = Outgoing(wakeup: wakeup)
    self.logger = logger
  }

  /// Ends `run` after what is due went out, at the latest after two seconds.
  package func stop() {
    signal.raise()
  }

  private var stopping: Bool { signal.raised }

  /// Blocks its thread until `stop`.
  func run() {
    var backoff = Backoff()
    var random = SystemRandomNumberGenerator()
    while !stopping {
      do {
        try session { backoff.reset() }
      } catch {
        if stopping { break }
        let wait = backoff.next(using: &random)
        logger.warning("publisher has no connection", metadata: ["error": "\(error)", "retry_ms": "\(wait)"])
        signal.pause(milliseconds: wait)
      }
    }
  }

  private func session(onConnected: () -> Void) throws {
    let connection = try Connection(settings)
    try connection.connect(wakeup: wakeup) { !stopping }
    let batch = MessageBatch()
    var isConnected = false
    var unacknowledged: [Int32: Outgoing.Item] = [:]
    // What the broker may not have goes out again over the next connection, in its old order.
    defer { outgoing.putBack(unacknowledged.sorted { $0.key < $1.key }.map(\.value)) }
    var stopDeadline: ContinuousClock.Instant?
    while true {
      if stopping, stopDeadline == nil { stopDeadline = .now + .seconds(2) }
      let ready = poll(
        socket: connection.socket, wantsWrite: connection.wantsWrite, wakeup: wakeup, timeoutMilliseconds: 500
      )
      if ready.woken { wakeup.drain() }
      if ready.readable { _ = try connection.receive(into: batch, until: .init()) }
      batch.removeAll()
      for event in connection.takeEvents() {
        switch event {
        case .connected(_, let reason):
          guard reason == 0 else { throw RefusedConnection(reason: reason) }
          isConnected = true
          onConnected()
          logger.info("publisher connected")
          _ = try connection.publish(availability("online"))
          outgoing.markAllDue()
        case .disconnected(let reason, let text):
          throw LostConnection(reason: reason, text: text)
        case .published(let mid, let reason):
          noteAcknowledged(unacknowledged.removeValue(forKey: mid), reason: reason)
        case .subscribed, .log:
          break
        }
      }
      if isConnected { try send(over: connection, unacknowledged: &unacknowledged) }
      try connection.flush()
      try connection.keepAlive()
      guard let stopDeadline else { continue }
      if !isConnected || (outgoing.isEmpty && unacknowledged.isEmpty) || .now >= stopDeadline { break }
    }
    if isConnected { try sayGoodbye(over: connection) }
    connection.disconnect()
  }

  private func send(over connection: borrowing Connection, unacknowledged: inout [Int32: Outgoing.Item])
    throws
  {
    while unacknowledged.count < Self.windowSize {
      let items = outgoing.take(min(256, Self.windowSize - unacknowledged.count))
      if items.isEmpty { return }
      for (index, item) in items.enumerated() {
        do {
          let mid = try connection.publish(item.publication)
          if item.publication.qos > 0 { unacknowledged[mid] = item }
        } catch {
          outgoing.putBack(Array(items[index...]))
          throw error
        }
      }
    }
  }

  /// A refusal (no right to publish there, quota) does not get better by repeating at once: whoever asked for a
  /// receipt decides, a retained value goes out again when it changes.
  private func noteAcknowledged(_ item: Outgoing.Item?, reason: UInt8) {
    guard let item else { return }
    guard reason >= 0x80 else {
      item.receipt?.confirm()
      return
    }
    item.receipt?.refuse(reason: reason)
    // A wrong ACL refuses by the thousand: once a minute says it.
    guard let count = outgoing.noteRefused(now: .now) else { return }
    logger.warning(
      "the broker refused publications: check its ACL",
      metadata: [
        "topic": "\(item.publication.topic)", "reason": "\(PublishRefusal.words(reason))",
        "refused": "\(count)",
      ])
  }

  /// The last word, awaited: without the broker's PUBACK a panel might go on to show `online`.
  private func sayGoodbye(over connection: borrowing Connection) throws {
    let mid = try connection.publish(availability("offline"))
    let deadline = ContinuousClock.now + .seconds(1)
    let batch = MessageBatch()
    while ContinuousClock.now < deadline {
      try connection.flush()
      _ = poll(
        socket: connection.socket, wantsWrite: connection.wantsWrite, wakeup: wakeup, timeoutMilliseconds: 100
      )
      _ = try connection.receive(into: batch, until: .init())
      batch.removeAll()
      for case .published(mid, _) in connection.takeEvents() { return }
    }
  }

  private func availability(_ word: String) -> Publication {
    Publication(
      topic: availabilityTopic, payload: Array(word.utf8), qos: 1, retain: true,
      properties: PublishProperties(contentType: "text/plain", isUTF8: true))
  }
}
