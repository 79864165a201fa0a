import Foundation
import Mosquitto
import TestSupport
import Testing

/// The most important guarantee: an acknowledgement is sent with `flush` and never before.
@Suite(.serialized, .ownThread) struct AcknowledgeAfterFlushTests {
  private let broker: Broker

  init() throws { broker = try Broker() }

  private func connect(_ id: String) throws -> (Connection, sessionPresent: Bool) {
    var settings = ConnectionSettings(host: "127.0.0.1", port: broker.port, clientID: id)
    settings.cleanStart = false
    settings.sessionExpirySeconds = 3600
    let connection = try Connection(settings)
    try connection.connect()
    var present: Bool?
    try waitUntil("CONNACK") {
      try connection.flush()
      _ = try connection.receive(into: received, until: .init(messages: 100_000, bytes: 1 << 28))
      for case .connected(let sessionPresent, 0) in connection.dequeueEvents() { present = sessionPresent }
      return present != nil
    }
    return (connection, present ?? false)
  }

  private let received = MessageBatch()

  private func receive(_ connection: Connection, _ count: Int) throws -> [String] {
    try waitUntil("\(count) messages") {
      _ = try connection.receive(into: received, until: .init(messages: 100_000, bytes: 1 << 28))
      return received.count >= count
    }
    let texts = (0..<received.count).map { index in
      received.withMessage(at: index) { _, payload, _ in
        var bytes: [UInt8] = []
        for position in payload.indices { bytes.append(payload[position]) }
        return String(decoding: bytes, as: UTF8.self)
      }
    }
    received.removeAll()
    return texts
  }

  private func publish(_ texts: [String]) throws {
    let (connection, _) = try connect("publisher")
    for text in texts { try connection.publish(Publication(topic: "t/1", payload: Array(text.utf8))) }
    var acknowledged = 0
    try waitUntil("PUBACKs") {
      try connection.flush()
      _ = try connection.receive(into: received, until: .init())
      for case .published in connection.dequeueEvents() { acknowledged += 1 }
      return acknowledged == texts.count
    }
    connection.disconnect()
  }

  @Test func whatWasNotFlushedComesAgainAndWhatWasDoesNot() throws {
    let texts = (0..<300).map { "m\($0)" }
    do {
      let (reader, _) = try connect("reader")
      try reader.subscribe(["t/+"])
      try waitUntil("SUBACK") {
        try reader.flush()
        _ = try reader.receive(into: received, until: .init())
        return reader.dequeueEvents().contains { if case .subscribed = $0 { true } else { false } }
      }
      try publish(texts)
      #expect(try receive(reader, 300) == texts)
    }  // Released with its acknowledgements unsent.
    do {
      let (reader, sessionPresent) = try connect("reader")
      #expect(sessionPresent)
      #expect(try receive(reader, 300) == texts)
      try reader.flush()
      reader.disconnect()
    }
    try publish(["last"])
    let (reader, _) = try connect("reader")
    #expect(try receive(reader, 1) == ["last"])
  }

  @Test func anUnreachableBrokerIsNamed() throws {
    let connection = try Connection(ConnectionSettings(host: "127.0.0.1", port: 1, clientID: "x"))
    let error = #expect(throws: MosquittoError.self) { try connection.connect() }
    #expect(error?.description.contains("127.0.0.1:1") == true)
  }

  @Test func aSecretNeverPrints() {
    var settings = ConnectionSettings(host: "h", port: 1, clientID: "c")
    settings.password = Secret("hunter2")
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(!"\(settings)\(String(reflecting: settings))\(dumped)".contains("hunter2"))
  }
}
