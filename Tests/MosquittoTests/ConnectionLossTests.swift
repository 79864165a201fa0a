import Foundation
import Mosquitto
import TestSupport
import Testing

@Suite(.ownThread) struct ConnectionLossTests {
  @Test func `a will is published when the connection is dropped`() throws {
    let broker = try Broker()
    let panel = try Driver(broker.settings())
    try panel.connect()
    try panel.subscribe("bridge/#")
    var settings = broker.settings()
    settings.will = Will(
      topic: "bridge/availability", payload: Array("offline".utf8), contentType: "text/plain")
    let bridge = try Driver(settings)
    try bridge.connect()
    bridge.connection.drop()
    try panel.step { $0.batch.count >= 1 }
    #expect(panel.texts == ["offline"])
  }

  @Test func `a will is not published after disconnect, nor within its delay`() throws {
    let broker = try Broker()
    let panel = try Driver(broker.settings())
    try panel.connect()
    try panel.subscribe("bridge/#")
    var settings = broker.settings()
    settings.sessionExpirySeconds = 60
    settings.will = Will(topic: "bridge/availability", payload: Array("offline".utf8), delaySeconds: 30)
    let bridge = try Driver(settings)
    try bridge.connect()
    bridge.connection.drop()
    try bridge.connect()
    bridge.connection.disconnect()
    #expect(bridge.connection.socket == nil)
    try waitUntil("the broker to see it") {
      broker.log.contains("Client \(settings.clientID) disconnected.")
    }
    try panel.readUntil("end", on: "bridge/end")
    #expect(panel.texts == ["end"])
  }

  @Test func `a broker that stops is told once, and the same value connects again`() throws {
    let broker = try Broker()
    let driver = try Driver(broker.settings())
    try driver.connect()
    broker.stop()
    try driver.step { $0.end != nil }
    #expect(!driver.connection.isConnected)
    #expect(throws: MosquittoError.self) {
      try driver.connection.receive(into: driver.batch, until: .init())
    }
    #expect(throws: MosquittoError.self) { try driver.connection.keepAlive() }
    #expect(throws: MosquittoError.self) {
      try driver.connection.publish(Publication(topic: "a", payload: []))
    }
    #expect(driver.connection.dequeueEvents().isEmpty)
    try broker.start()
    try driver.connect()
    #expect(try driver.publish("x", to: "a") == [0x10])
  }

  @Test(arguments: [SIGTERM, SIGKILL])
  func `what is queued for a dead broker fails and does not hang`(signal: Int32) throws {
    let broker = try Broker()
    let driver = try Driver(broker.settings())
    try driver.connect()
    broker.stop(signal: signal)
    var hasFailed = false
    for _ in 0..<1000 where !hasFailed {
      do {
        try driver.connection.publish(
          Publication(topic: "a", payload: Array(repeating: 0, count: 100_000)))
        try driver.connection.flush()
      } catch {
        hasFailed = true
      }
    }
    #expect(hasFailed)
  }

  /// Row 8 of docs/reliability.md: two bridges, one client id.
  @Test func fault08_aSecondClientOfTheSameNameTakesOver() throws {
    let broker = try Broker()
    let first = try Driver(broker.settings(clientID: "bridge"))
    try first.connect()
    let second = try Driver(broker.settings(clientID: "bridge"))
    try second.connect()
    try first.step { $0.end != nil }
    // Mosquitto 2.0.11 only closes the socket (7, the library's MOSQ_ERR_CONN_LOST); later versions send
    // 0x8E.
    #expect([7, 0x8E].contains(try #require(first.end).reason))
    #expect(throws: (any Error).self) { try first.settle() }
    #expect(first.endings == 1)
    #expect(try second.publish("x", to: "a") == [0x10])
  }

  @Test func `a broker's DISCONNECT is told once, with its reason, and ends the reading`() throws {
    let broker = try ScriptedBroker([
      // CONNACK: no session, success, no properties. DISCONNECT: session taken over.
      [0x20, 0x03, 0x00, 0x00, 0x00], [0xE0, 0x02, 0x8E, 0x00],
    ])
    let driver = try Driver(ConnectionSettings(host: "127.0.0.1", port: broker.port, clientID: "a"))
    try driver.connection.connect()
    try driver.step { $0.end != nil }
    #expect(driver.end?.reason == 0x8E)
    #expect(driver.end?.text == "Session taken over")
    #expect(driver.connection.socket == nil)
    #expect(throws: (any Error).self) { try driver.settle() }
    #expect(driver.endings == 1)
  }

  @Test(
    arguments: [
      [0x20, 0x03, 0x00, 0x87, 0x00], [0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x30, 0x00], [0xF0, 0x00],
      [0x00, 0x00],
      [0xD0, 0x01, 0x00],
    ] as [[UInt8]])
  func `a broker that talks nonsense ends the connection, and no process`(answer: [UInt8]) throws {
    let broker = try ScriptedBroker([answer])
    let driver = try Driver(ConnectionSettings(host: "127.0.0.1", port: broker.port, clientID: "a"))
    try driver.connection.connect()
    try driver.step(within: .seconds(5)) { $0.end != nil }
    #expect(!driver.connection.isConnected)
    #expect(driver.endings == 1)
  }

  /// Row 31 of docs/reliability.md: 256 MB announced, two bytes sent.
  @Test func fault31_aPacketThatAnnounces256MBIsWaitedForAndNothingIsAllocated() throws {
    let broker = try ScriptedBroker([
      [0x20, 0x03, 0x00, 0x00, 0x00], [0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0x00, 0x01],
    ])
    let driver = try Driver(ConnectionSettings(host: "127.0.0.1", port: broker.port, clientID: "a"))
    try driver.connect()
    let before = try residentKilobytes()
    try driver.settle()
    #expect(try residentKilobytes() - before < 65_536)
    #expect(driver.texts.isEmpty)
    #expect(driver.connection.isConnected)
  }

  private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(Int(line.filter(\.isNumber)))
  }

  @Test func `a flood of packets that are no messages ends the reading after as many as a batch holds`()
    throws
  {
    // PINGRESP: the library accepts it without a request.
    let broker = try ScriptedBroker([
      [0x20, 0x03, 0x00, 0x00, 0x00], Array(repeating: [0xD0, 0x00], count: 5000).flatMap(\.self),
    ])
    let connection = try Connection(ConnectionSettings(host: "127.0.0.1", port: broker.port, clientID: "a"))
    let wakeup = try Wakeup()
    let batch = MessageBatch()
    try connection.connect()
    var fullTurns = 0
    let deadline = ContinuousClock.now + .seconds(10)
    while fullTurns < 40, ContinuousClock.now < deadline {
      _ = poll(socket: connection.socket, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 20)
      if try connection.receive(into: batch, until: .init(messages: 100)) == .full { fullTurns += 1 }
    }
    #expect(fullTurns >= 40)
    #expect(batch.count == 0)
  }

  /// Row 12 of docs/reliability.md: a peer that is silent for 1.5 keep-alives.
  @Test func fault12_aFrozenBrokerIsNoticedWithinOneAndAHalfKeepAlives() throws {
    let broker = try Broker()
    var settings = broker.settings()
    settings.keepAliveSeconds = 8
    let driver = try Driver(settings)
    try driver.connect()
    broker.freeze()
    let start = ContinuousClock.now
    let error = #expect(throws: MosquittoError.self) {
      try driver.step(within: .seconds(15)) { driver in
        try driver.connection.keepAlive()
        try driver.connection.flush()
        return false
      }
    }
    // The library counts whole seconds.
    #expect(ContinuousClock.now - start < .seconds(13))
    let words = try #require(error).message + driver.connection.dequeueEvents().map { "\($0)" }.joined()
    #expect(words.contains("keep-alive ran out"), "\(words)")
  }

  @Test func `an idle connection stays up by its pings`() throws {
    let broker = try Broker()
    var settings = broker.settings()
    settings.keepAliveSeconds = 7
    let driver = try Driver(settings)
    try driver.connect()
    let deadline = ContinuousClock.now + .seconds(12)
    try driver.step { driver in
      try driver.connection.keepAlive()
      try driver.connection.flush()
      return ContinuousClock.now >= deadline
    }
    #expect(driver.end == nil)
    #expect(broker.log.contains("Received PINGREQ"))
  }
}
