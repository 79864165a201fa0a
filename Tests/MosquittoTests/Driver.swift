import Mosquitto
import Testing

/// A connection driven by the test's own thread, one step at a time. Acknowledgements are sent only with
/// `flush`.
final class Driver {
  let connection: Connection
  let batch = MessageBatch()
  private(set) var events: [ConnectionEvent] = []
  private let wakeup: Wakeup

  struct TimeIsUp: Error {
    let events: [ConnectionEvent]
    let messages: Int
  }

  init(_ settings: ConnectionSettings) throws {
    connection = try Connection(settings)
    wakeup = try Wakeup()
  }

  /// Connects and waits for CONNACK; later messages are in the batch.
  @discardableResult
  func connect() throws -> Bool {
    events.removeAll()
    try connection.connect()
    try step { !$0.events.isEmpty }
    guard case .connected(let sessionPresent, 0) = try #require(events.first) else {
      throw TimeIsUp(events: events, messages: batch.count)
    }
    return sessionPresent
  }

  /// A connection with a persistent session and one subscription.
  static func persistent(
    _ settings: ConnectionSettings, filter: String, retainHandling: RetainHandling = .never
  ) throws -> Driver {
    var settings = settings
    settings.cleanStart = false
    settings.sessionExpirySeconds = 3600
    let driver = try Driver(settings)
    try driver.connect()
    try driver.subscribe(filter, retainHandling: retainHandling)
    return driver
  }

  func subscribe(_ filter: String, retainHandling: RetainHandling = .never) throws {
    let mid = try connection.subscribe([filter], retainHandling: retainHandling)
    try connection.flush()
    try step { $0.events.contains(.subscribed(mid: mid, granted: [1])) }
  }

  /// Publishes, waits for the broker's answers and returns them.
  @discardableResult
  func publish(_ publications: [Publication]) throws -> [UInt8] {
    let before = events.count
    var mids: Set<Int32> = []
    for publication in publications { mids.insert(try connection.publish(publication)) }
    try connection.flush()
    var reasons: [UInt8] = []
    try step { driver in
      // The broker's receive maximum lets the library send a few at a time.
      try driver.connection.flush()
      reasons = driver.events[before...].compactMap { event in
        guard case .published(let mid, let reason) = event, mids.contains(mid) else { return nil }
        return reason
      }
      return reasons.count == publications.count
    }
    return reasons
  }

  @discardableResult
  func publish(_ text: String, to topic: String, retain: Bool = false) throws -> [UInt8] {
    try publish([Publication(topic: topic, payload: Array(text.utf8), retain: retain)])
  }

  /// Reads, a batch at a time, until the condition is met. Sends only what the handshake needs.
  func step(
    limit: MessageBatch.Limit = .init(messages: .max, bytes: .max), within time: Duration = .seconds(60),
    until isMet: (Driver) throws -> Bool
  ) throws {
    let deadline = ContinuousClock.now + time
    while try !isMet(self) {
      guard ContinuousClock.now < deadline else { throw TimeIsUp(events: events, messages: batch.count) }
      _ = poll(socket: connection.socket, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 20)
      _ = try connection.receive(into: batch, until: limit)
      events += connection.dequeueEvents()
      if end != nil, try !isMet(self) { throw TimeIsUp(events: events, messages: batch.count) }
    }
  }

  /// Publishes to a subscribed topic and reads until that message returns: everything that the broker had
  /// queued came before it.
  func readUntil(_ text: String, on topic: String) throws {
    try publish(text, to: topic)
    try step { $0.texts.contains(text) }
  }

  /// Reads for a while, when the peer gives no sign of its last message.
  func settle(milliseconds: Int = 200) throws {
    let deadline = ContinuousClock.now + .milliseconds(milliseconds)
    try step { _ in ContinuousClock.now >= deadline }
  }

  var texts: [String] { batch.texts }

  /// How often the end was reported.
  var endings: Int { events.count { if case .disconnected = $0 { true } else { false } } }

  /// What ended the connection.
  var end: (reason: Int32, text: String)? {
    for case .disconnected(let reason, let text) in events { return (reason, text) }
    return nil
  }
}

extension MessageBatch {
  var texts: [String] {
    (0..<count).map { index in
      withMessage(at: index) { _, payload, _ in
        String(decoding: payload.indices.map { payload[$0] }, as: UTF8.self)
      }
    }
  }
}
