import Mosquitto

@testable import AndonBridge

/// A connection on which one delivery arrives at each wait, and which says when acknowledgements leave.
final class TricklingLink: BrokerConnection {
  enum Delivery {
    case messages([(topic: String, payload: [UInt8])])
    /// The connection ends.
    case end
    /// Something wakes the loop while it waits.
    case wakeUp
  }

  private var events: [ConnectionEvent] = []
  private var readable: [(topic: String, payload: [UInt8])] = []
  private var deliveries: [Delivery] = []
  private var hasEnded = false
  private var lastTicket: Int32 = 0
  private(set) var waits: [Int32] = []
  var onFlush: () throws -> Void = {}

  var socket: Int32? { nil }
  var wantsWrite: Bool { true }
  var certificateValidity: CertificateValidity? { nil }

  /// The first delivery can be read at once, each other one after a wait.
  func deliver(_ deliveries: [Delivery]) {
    self.deliveries = deliveries
    waits = []
    _ = arrive()
  }

  private func arrive() -> Bool {
    guard !deliveries.isEmpty else { return false }
    switch deliveries.removeFirst() {
    case .messages(let messages): readable += messages
    case .end:
      events.append(.disconnected(reason: 7, text: "the broker is gone"))
      hasEnded = true
    case .wakeUp: return false
    }
    return true
  }

  func waitToRead(milliseconds: Int32, wakeup: Wakeup?) -> Bool {
    waits.append(milliseconds)
    return arrive()
  }

  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws {
    events.append(.connected(sessionPresent: true, reason: 0))
  }

  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  {
    // As `Connection`: the end comes as an event, and a call after that throws.
    if hasEnded, events.isEmpty {
      throw MosquittoError(operation: "read", code: 4, message: "there is no connection")
    }
    while let message = readable.first, batch.count < limit.messages {
      batch.append(topic: message.topic, payload: message.payload, qos: 0)
      readable.removeFirst()
    }
    return batch.count < limit.messages ? .dry : .full
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
  func flush() throws { try onFlush() }
  func keepAlive() throws {}
  func disconnect() {}
}
