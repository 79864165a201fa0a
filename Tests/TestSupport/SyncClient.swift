public import Mosquitto

/// A camera that publishes and waits on the caller's own thread.
public final class SyncClient {
  private let connection: Connection
  private let wakeup: Wakeup
  private let batch = MessageBatch()

  public convenience init(_ broker: Broker) throws { try self.init(broker.settings()) }

  public init(_ settings: ConnectionSettings) throws {
    connection = try Connection(settings)
    wakeup = try Wakeup()
    try connection.connect()
    try waitUntil("CONNACK of \(settings.clientID)") {
      _ = try turn()
      return connection.isConnected
    }
  }

  /// Publishes, waits for the broker's answers and returns them as MQTT 5 reason codes.
  @discardableResult
  public func publish(_ publications: [Publication]) throws -> [UInt8] {
    var reasons: [UInt8] = []
    var sent = 0
    try waitUntil("PUBACKs", seconds: 60) {
      while sent < publications.count, sent - reasons.count < 1000 {
        try connection.publish(publications[sent])
        sent += 1
      }
      for case .published(_, let reason) in try turn() { reasons.append(reason) }
      return reasons.count == publications.count
    }
    return reasons
  }

  @discardableResult
  public func publish(_ text: String, to topic: String, retain: Bool = false) throws -> [UInt8] {
    try publish([Publication(topic: topic, payload: Array(text.utf8), retain: retain)])
  }

  private func turn() throws -> [ConnectionEvent] {
    try connection.flush()
    _ = poll(socket: connection.socket, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 5)
    _ = try connection.receive(into: batch, until: .init())
    batch.removeAll()
    let events = connection.dequeueEvents()
    for case .disconnected(_, let text) in events { throw WaitFailure(what: "the broker: \(text)") }
    return events
  }

  deinit { connection.disconnect() }
}
