import Mosquitto
import TestSupport
import Testing

/// Tests the tools of the other suites against a real broker.
@Suite(.ownThread) struct TestClientTests {
  @Test(arguments: [Broker.Transport.tcp, .unixSocket])
  func `a client publishes, subscribes and waits`(transport: Broker.Transport) async throws {
    let broker = try Broker(.init(transport: transport))
    let panel = try await TestClient(broker)
    try await panel.subscribe("a/#", "b/#")
    let camera = try await TestClient(broker)
    try await camera.publish((0..<2000).map { Publication(topic: "a/b", payload: Array("\($0)".utf8)) })
    let received = try await panel.received { $0.count >= 2000 }
    #expect(received.map(\.text) == (0..<2000).map(String.init))
    try await camera.publish("kept", to: "b/c", retain: true)
    #expect(try Command.readAsPanel(broker, filter: "b/#", count: 1) == ["b/c kept"])
    try await camera.disconnect()
    try await panel.disconnect()
  }

  @Test func `a wait in vain throws`() async throws {
    let broker = try Broker()
    let panel = try await TestClient(broker)
    await #expect(throws: TestClient.Failure.self) {
      try await panel.received(within: .milliseconds(50)) { !$0.isEmpty }
    }
    broker.stop()
    await #expect(throws: TestClient.Failure.self) { try await panel.received { !$0.isEmpty } }
    await #expect(throws: (any Error).self) { try await TestClient(broker) }
  }

  @Test func `a persistent broker keeps what is retained over a restart`() async throws {
    let broker = try Broker(.init(isPersistent: true))
    let camera = try await TestClient(broker)
    try await camera.publish("kept", to: "b/c", retain: true)
    try broker.restart()
    let panel = try await TestClient(broker)
    try await panel.subscribe("b/#")
    #expect(try await panel.received { !$0.isEmpty }.map(\.isRetained) == [true])
    try await panel.disconnect()
  }
}
