import Mosquitto

@testable import AndonBridge

/// A connection to a broker that keeps the session, grants every request and delivers every message.
final class FaithfulLink: BrokerConnection {
  private let answersConnect: Bool
  private var events: [ConnectionEvent] = []
  private var waiting: [(topic: String, payload: [UInt8])]
  private var lastTicket: Int32 = 0

  /// - Parameter answersConnect: False for a connection that ends before CONNACK.
  init(_ messages: [(topic: String, payload: [UInt8])] = [], answersConnect: Bool = true) {
    waiting = messages
    self.answersConnect = answersConnect
  }

  var socket: Int32? { nil }
  var wantsWrite: Bool { false }
  var certificateValidity: CertificateValidity? { nil }

  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws {
    events.append(
      answersConnect
        ? .connected(sessionPresent: true, reason: 0) : .disconnected(reason: 7, text: "the broker is gone"))
  }

  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  {
    for message in waiting { batch.append(topic: message.topic, payload: message.payload) }
    waiting.removeAll()
    return .dry
  }

  func dequeueEvents() -> [ConnectionEvent] {
    defer { events.removeAll() }
    return events
  }

  func subscribe(_ filters: [String], qos: Int32, retainHandling: RetainHandling) throws -> Int32 {
    lastTicket += 1
    events.append(.subscribed(mid: lastTicket, granted: filters.map { _ in UInt8(qos) }))
    return lastTicket
  }

  func unsubscribe(_ filters: [String]) throws {}
  func flush() throws {}
  func keepAlive() throws {}
  func disconnect() {}
}
