import Glibc
import Mosquitto
import TestSupport
import Testing

/// What was not flushed is delivered again, what was flushed is not.
@Suite(.ownThread) struct AcknowledgementTests {
  enum Way: CaseIterable, Sendable { case tcp, unixSocket, tls }

  private func broker(_ way: Way) throws -> (Broker, ConnectionSettings, Certificates?) {
    switch way {
    case .tcp, .unixSocket:
      let broker = try Broker(.init(transport: way == .tcp ? .tcp : .unixSocket))
      return (broker, broker.settings(clientID: "bridge"), nil)
    case .tls:
      let certificates = try Certificates()
      let broker = try Broker(.init(lines: certificates.brokerLines()))
      return (broker, broker.settings(clientID: "bridge", trusting: certificates), certificates)
    }
  }

  private func publish(_ range: Range<Int>, to topic: String, _ settings: ConnectionSettings) throws {
    var settings = settings
    settings.clientID = "camera"
    let camera = try Driver(settings)
    try camera.connect()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 500) {
      try camera.publish(
        (start..<min(start + 500, range.upperBound)).map {
          Publication(topic: topic, payload: Array("\($0)".utf8))
        })
    }
    camera.connection.disconnect()
  }

  @Test(arguments: Way.allCases)
  func `what was received but not flushed comes again after drop, and not after flush`(_ way: Way) throws {
    let (_broker, settings, _certificates) = try broker(way)
    defer { withExtendedLifetime((_broker, _certificates)) {} }
    let bridge = try Driver.persistent(settings, filter: "a/#")
    try publish(0..<300, to: "a/b", settings)
    let expected = (0..<300).map(String.init)
    try bridge.step { $0.batch.count >= 300 }
    #expect(bridge.texts == expected)
    #expect(bridge.connection.wantsWrite, "the acknowledgements are queued")

    bridge.connection.drop()
    #expect(bridge.connection.socket == nil)
    #expect(!bridge.connection.wantsWrite, "nothing of the dropped connection is left")
    bridge.batch.removeAll()
    #expect(try bridge.connect())
    try bridge.step { $0.batch.count >= 300 }
    #expect(bridge.texts == expected)

    // The broker answers in order: its PUBACK shows that it has ours.
    try bridge.publish("", to: "round/trip")
    bridge.connection.drop()
    bridge.batch.removeAll()
    #expect(try bridge.connect())
    try bridge.readUntil("end", on: "a/end")
    #expect(bridge.texts == ["end"])
  }

  @Test func `keep-alive and publishing let no acknowledgement out before flush`() throws {
    let broker = try Broker()
    let settings = broker.settings(clientID: "bridge")
    let bridge = try Driver.persistent(settings, filter: "a/#")
    try publish(0..<10, to: "a/b", settings)
    try bridge.step { $0.batch.count >= 10 }
    try bridge.connection.publish(Publication(topic: "b", payload: []))
    try bridge.connection.keepAlive()
    bridge.connection.drop()
    bridge.batch.removeAll()
    try bridge.connect()
    try bridge.step { $0.batch.count >= 10 }
    #expect(bridge.texts.count == 10)
  }

  @Test func `only the batch in hand comes again`() throws {
    let broker = try Broker()
    let settings = broker.settings(clientID: "bridge")
    let bridge = try Driver.persistent(settings, filter: "a/#")
    try publish(0..<100, to: "a/b", settings)
    try bridge.step(limit: .init(messages: 40)) { $0.batch.count >= 40 }
    #expect(bridge.texts == (0..<40).map(String.init))
    // The broker answers in order: its PUBACK shows that it has ours.
    let mid = try bridge.connection.publish(Publication(topic: "round/trip", payload: []))
    try bridge.connection.flush()
    bridge.batch.removeAll()
    try bridge.step {
      $0.batch.count >= 60 && $0.events.contains(.published(mid: mid, reason: 0x10))
    }
    bridge.connection.drop()
    bridge.batch.removeAll()
    try bridge.connect()
    try bridge.step { $0.batch.count >= 60 }
    #expect(bridge.texts == (40..<100).map(String.init))
  }

  @Test func `letting the value go is a drop`() throws {
    let broker = try Broker()
    let settings = broker.settings(clientID: "bridge")
    do {
      let bridge = try Driver.persistent(settings, filter: "a/#")
      try publish(0..<10, to: "a/b", settings)
      try bridge.step { $0.batch.count >= 10 }
    }
    let bridge = try Driver.persistent(settings, filter: "a/#")
    try bridge.step { $0.batch.count >= 10 }
    #expect(bridge.texts == (0..<10).map(String.init))
  }

  @Test(arguments: Way.allCases)
  func `a backlog of 10 000 is drained in batches, once and in order`(_ way: Way) throws {
    let (_broker, settings, _certificates) = try broker(way)
    defer { withExtendedLifetime((_broker, _certificates)) {} }
    try Driver.persistent(settings, filter: "a/#").connection.disconnect()
    try publish(0..<10_000, to: "a/b", settings)

    let bridge = try Connection(persistent(settings))
    let wakeup = try Wakeup()
    let batch = MessageBatch()
    var received: [String] = []
    var fullBatches = 0
    var pause = Duration.milliseconds(20)
    try bridge.connect()
    let deadline = ContinuousClock.now + .seconds(120)
    while received.count < 10_000, ContinuousClock.now < deadline {
      _ = poll(socket: bridge.socket, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 20)
      if try bridge.receive(into: batch, until: .init(messages: 512)) == .full { fullBatches += 1 }
      // One TLS record of small messages may come on top.
      #expect(batch.count <= (way == .tls ? 512 + 16_384 / 8 : 512))
      received += batch.texts
      batch.removeAll()
      try bridge.flush()
      // A busy broker gets time to have more than a batch ready.
      if fullBatches == 0 {
        usleep(UInt32(pause / .milliseconds(1)) * 1000)
        pause = min(pause * 2, .seconds(1))
      }
    }
    #expect(received == (0..<10_000).map(String.init))
    #expect(fullBatches > 0)
    #expect(bridge.dequeueEvents() == [.connected(sessionPresent: true, reason: 0)])
  }

  private func persistent(_ settings: ConnectionSettings) -> ConnectionSettings {
    var settings = settings
    settings.cleanStart = false
    settings.sessionExpirySeconds = 3600
    return settings
  }

  @Test func `a batch is full by bytes as well`() throws {
    let broker = try Broker()
    let settings = broker.settings(clientID: "bridge")
    let bridge = try Driver.persistent(settings, filter: "a/#")
    let camera = try Driver(broker.settings())
    try camera.connect()
    try camera.publish(
      (0..<10).map { _ in Publication(topic: "a/b", payload: Array(repeating: 65, count: 1000)) })
    try bridge.step(limit: .init(messages: 100, bytes: 2500)) { $0.batch.byteCount >= 2500 }
    #expect(bridge.batch.count == 3)
  }
}
