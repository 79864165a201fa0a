import Foundation
import Mosquitto
import TestSupport
import Testing

@Suite(.ownThread) struct ConnectionTests {
  let broker: Broker

  init() throws { broker = try Broker() }

  @Test func `the second connect finds the session`() throws {
    let driver = try Driver.persistent(broker.settings(), filter: "a")
    #expect(!driver.events.contains(.connected(sessionPresent: true, reason: 0)))
    driver.connection.disconnect()
    #expect(try driver.connect())
  }

  @Test func `a clean start finds none`() throws {
    let driver = try Driver(broker.settings())
    #expect(try !driver.connect())
    driver.connection.drop()
    #expect(try !driver.connect())
  }

  @Test func `one SUBSCRIBE carries all filters`() throws {
    let driver = try Driver(broker.settings())
    try driver.connect()
    let mid = try driver.connection.subscribe(["a/+", "b/#", "c"])
    try driver.connection.flush()
    try driver.step { $0.events.contains(.subscribed(mid: mid, granted: [1, 1, 1])) }
  }

  @Test func `a retained message is not delivered with retain handling 2`() throws {
    let camera = try Driver(broker.settings())
    try camera.connect()
    try camera.publish("junk", to: "a/b", retain: true)
    let bridge = try Driver(broker.settings())
    try bridge.connect()
    try bridge.subscribe("a/#", retainHandling: .never)
    try camera.publish("live", to: "a/b")
    try bridge.step { $0.batch.count >= 1 }
    #expect(bridge.texts == ["live"])
    #expect(bridge.batch[0].qos == 1 && !bridge.batch[0].isRetained)
  }

  @Test func `a retained message says so`() throws {
    let camera = try Driver(broker.settings())
    try camera.connect()
    try camera.publish("online", to: "a/status", retain: true)
    let bridge = try Driver(broker.settings())
    try bridge.connect()
    try bridge.subscribe("a/#", retainHandling: .always)
    try bridge.step { $0.batch.count >= 1 }
    #expect(bridge.batch.withMessage(at: 0) { topic, _, isRetained in topic == "a/status" && isRetained })
  }

  @Test func `a publication's properties reach an MQTT 5 reader`() throws {
    let camera = try Driver(broker.settings())
    try camera.connect()
    var properties = PublishProperties(
      contentType: "application/json", isUTF8: true, messageExpirySeconds: 3600)
    properties.userProperties = [("schema", "kpi/1")]
    try camera.publish([
      Publication(topic: "kpi", payload: Array("{}".utf8), retain: true, properties: properties)
    ])
    let text = try Command.run(
      "/usr/bin/mosquitto_sub",
      ["-h", broker.host, "-p", "\(broker.port)", "-V", "mqttv5", "-t", "kpi", "-C", "1", "-W", "10"]
        + ["-F", "%C|%F|%P|%r|%p"])
    #expect(text == "application/json|1|schema:kpi/1|1|{}\n")
  }

  @Test func `an MQTT 3·1·1 panel reads it too`() throws {
    let camera = try Driver(broker.settings())
    try camera.connect()
    try camera.publish("83.30", to: "tag/oee", retain: true)
    #expect(try Command.readAsPanel(broker, filter: "tag/#", count: 1) == ["tag/oee 83.30"])
  }

  @Test(arguments: [nil, [], [0, 1, 255]] as [[UInt8]?])
  func `a request's reply address is kept`(correlationData: [UInt8]?) throws {
    let bridge = try Driver(broker.settings())
    try bridge.connect()
    try bridge.subscribe("cmd/#")
    let panel = try Driver(broker.settings())
    try panel.connect()
    var properties = PublishProperties()
    properties.responseTopic = "answers/panel 1"
    properties.correlationData = correlationData
    try panel.publish([
      Publication(topic: "cmd/a", payload: [1]),
      Publication(topic: "cmd/b", payload: [2], properties: properties),
    ])
    try bridge.step { $0.batch.count >= 2 }
    #expect(bridge.batch[0].reply == nil)
    #expect(bridge.batch[1].reply?.topic == "answers/panel 1")
    // The broker decides whether it passes on an empty value.
    #expect((bridge.batch[1].reply?.correlationData ?? []) == (correlationData ?? []))
  }

  @Test func fault31_aPacketBeyondTheMaximumIsNotSentToUsTheNextOneIs() throws {
    var settings = broker.settings()
    settings.maximumPacketBytes = 2000
    let bridge = try Driver(settings)
    try bridge.connect()
    try bridge.subscribe("a/#")
    let camera = try Driver(broker.settings())
    try camera.connect()
    try camera.publish([
      Publication(topic: "a/b", payload: Array(repeating: 65, count: 3000)),
      Publication(topic: "a/b", payload: Array("small".utf8)),
    ])
    try bridge.readUntil("end", on: "a/end")
    #expect(bridge.texts == ["small", "end"])
  }

  @Test func `nothing is queued without a connection`() throws {
    let reader = try Driver(broker.settings())
    try reader.connect()
    try reader.subscribe("a/#")
    let camera = try Driver(broker.settings())
    let error = #expect(throws: MosquittoError.self) {
      try camera.connection.publish(Publication(topic: "a/b", payload: [1]))
    }
    #expect("\(try #require(error))" == "cannot publish to a/b: The client is not currently connected.")
    try camera.connection.connect()
    #expect(throws: MosquittoError.self, "CONNACK has not come") {
      try camera.connection.publish(Publication(topic: "a/b", payload: [2]))
    }
    try camera.step { !$0.events.isEmpty }
    try camera.publish("3", to: "a/b")
    try reader.readUntil("end", on: "a/end")
    #expect(reader.texts == ["3", "end"])
  }

  @Test(arguments: ["a/+", "#", "", "a\u{0}b"])
  func `a topic that is none is refused`(topic: String) throws {
    let driver = try Driver(broker.settings())
    try driver.connect()
    #expect(throws: MosquittoError.self) {
      try driver.connection.publish(Publication(topic: topic, payload: []))
    }
    #expect(try driver.publish("x", to: "a/b") == [0x10], "the connection is as good as before")
  }

  @Test func `a filter with NUL is refused`() throws {
    let driver = try Driver(broker.settings())
    try driver.connect()
    let error = #expect(throws: MosquittoError.self) { try driver.connection.subscribe(["a", "b\u{0}/#"]) }
    #expect(try #require(error).message == "a topic cannot contain NUL")
  }

  @Test func `topics are UTF-8 of up to 65 535 bytes`() throws {
    let bridge = try Driver(broker.settings())
    try bridge.connect()
    try bridge.subscribe("#")
    let topics = ["größe/温度", String(repeating: "x", count: 65_535), "größe/温度"]
    let camera = try Driver(broker.settings())
    try camera.connect()
    try camera.publish(topics.map { Publication(topic: $0, payload: []) })
    try bridge.step { $0.batch.count >= 3 }
    #expect((0..<3).map { bridge.batch.withMessage(at: $0) { topic, _, _ in topic } } == topics)
  }
}
