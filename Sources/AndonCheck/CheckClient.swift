import AndonStatus
import Mosquitto

/// A connection that is driven step by step, for testing a broker. Blocks its thread.
final class CheckClient {
  /// The broker did not answer in time.
  struct NoAnswer: Error, CustomStringConvertible {
    let question: String
    var description: String { "no answer to \(question) within \(CheckClient.limitSeconds) s" }
  }

  struct Message {
    var topic: String
    var payload: [UInt8]
    var isRetained: Bool
    var qos: Int32 = 1
  }

  static let limitSeconds = 5
  let connection: Connection
  private let batch = MessageBatch()
  private var events: [ConnectionEvent] = []
  private(set) var messages: [Message] = []

  init(_ settings: ConnectionSettings) throws {
    connection = try Connection(settings)
  }

  /// Connects and waits for CONNACK.
  func connect() throws -> (sessionPresent: Bool, reason: UInt8) {
    try connection.connect()
    return try wait(for: "CONNECT") { event in
      switch event {
      case .connected(let present, let reason): (present, reason)
      case .disconnected(let reason, let text): throw LostConnection(reason: reason, text: text)
      default: nil
      }
    }
  }

  /// Subscribes to one filter and returns the broker's code.
  func subscribe(_ filter: String, qos: Int32 = 1, retainHandling: RetainHandling = .never) throws -> UInt8 {
    let ticket = try connection.subscribe([filter], qos: qos, retainHandling: retainHandling)
    return try wait(for: "SUBSCRIBE \(filter)") { event in
      if case .subscribed(ticket, let granted) = event { return granted.first ?? 0x80 }
      return nil
    }
  }

  /// Publishes with QoS 1 and returns the broker's code: 0x87 where its ACL forbids it.
  func publish(_ topic: String, payload: [UInt8] = [], isRetained: Bool = false) throws -> UInt8 {
    let ticket = try connection.publish(
      Publication(topic: topic, payload: payload, qos: 1, retain: isRetained))
    return try wait(for: "PUBLISH \(topic)") { event in
      if case .published(ticket, let reason) = event { return reason }
      return nil
    }
  }

  /// Publishes the same message `count` times without waiting; returns how many the broker accepted.
  func flood(_ topic: String, count: Int) throws -> Int {
    var tickets: Set<Int32> = []
    for number in 0..<count {
      tickets.insert(try connection.publish(Publication(topic: topic, payload: [], qos: 1, retain: false)))
      if number % 200 == 199 { try turn(milliseconds: 0) }
    }
    var taken = 0
    let end = ContinuousClock.now + .seconds(Self.limitSeconds)
    while !tickets.isEmpty, ContinuousClock.now < end {
      try turn(milliseconds: 50)
      for case .published(let mid, let reason) in events where tickets.remove(mid) != nil {
        if reason < 0x80 { taken += 1 }
      }
      events.removeAll()
    }
    return taken
  }

  /// Collects messages for this long, or until `isEnough`.
  func listen(milliseconds: Int, until isEnough: ([Message]) -> Bool = { _ in false }) throws {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while ContinuousClock.now < end, !isEnough(messages) { try turn(milliseconds: 50) }
  }

  /// Discards the messages collected so far.
  func forgetMessages() { messages.removeAll() }

  private func wait<Answer>(for question: String, _ pick: (ConnectionEvent) throws -> Answer?) throws
    -> Answer
  {
    let end = ContinuousClock.now + .seconds(Self.limitSeconds)
    while ContinuousClock.now < end {
      try turn(milliseconds: 50)
      while !events.isEmpty {
        if let answer = try pick(events.removeFirst()) { return answer }
      }
    }
    throw NoAnswer(question: question)
  }

  private func turn(milliseconds: Int32) throws {
    try connection.flush()
    connection.wait(milliseconds: milliseconds)
    if connection.socket != nil { _ = try connection.receive(into: batch, until: .init()) }
    for index in 0..<batch.count {
      batch.withMessage(at: index) { topic, payload, isRetained in
        var bytes: [UInt8] = []
        for position in payload.indices { bytes.append(payload[position]) }
        messages.append(Message(topic: topic, payload: bytes, isRetained: isRetained, qos: batch[index].qos))
      }
    }
    batch.removeAll()
    events += connection.dequeueEvents()
    try connection.flush()
    if connection.socket != nil { try connection.keepAlive() }
  }
}
