import Foundation
import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonConfiguration
@testable import AndonRuntime

/// `andon check` at a real broker: a correct setup, and each deliberate mistake with the line that names its
/// cure.
@Suite(.ownThread) struct BrokerCheckTests {
  private func findings(
    _ broker: Broker, _ more: String = "", password: String? = nil, queue: Int = 1500, host: String? = nil
  ) throws -> [Finding] {
    let scheme = more.contains("tls:") ? "mqtts" : "mqtt"
    let yaml =
      "broker: {url: '\(scheme)://\(host ?? broker.host):\(broker.port)'\(more)}\nsites: [{id: plant-a, timezone: UTC}]"
    let settings = try SettingsLoader.parse(yaml: yaml, file: "x.yaml", environment: [:])
    var plan = BrokerCheck.Plan()
    plan.listenSeconds = 1
    plan.queue = queue
    return BrokerCheck(settings, password: password, plan: plan).run()
  }

  private func errors(_ findings: [Finding]) -> [String] {
    findings.filter { $0.level == .error }.map { "\($0.subject): \($0.text) → \($0.advice)" }
  }

  /// A broker with a password file and an access list.
  private func guarded(_ access: String) throws -> Broker {
    let folder = try TemporaryFolder.make("check")
    let passwords = folder.appending(path: "passwords").path
    _ = try Command.run("/usr/bin/mosquitto_passwd", ["-b", "-c", passwords, "bridge", "secret"])
    let list = folder.appending(path: "acl").path
    try access.write(toFile: list, atomically: true, encoding: .utf8)
    return try Broker(
      .init(allowsAnonymous: false, lines: ["password_file \(passwords)", "acl_file \(list)"]), folder: folder
    )
  }

  private static let writes = [
    "kpi", "kpi_final", "tag", "alert", "alert_event", "stop", "stop_event", "report", "cmd_result",
    "meta",
  ]
  .map { "topic write andon/v1/+/\($0)/#" }.joined(separator: "\n")
  private static let full = """
    user bridge
    \(writes)
    topic write andon/v1/+/alert_summary
    topic write andon/v1/+/camera/+/reject
    topic write andon/v1/_bridge/#
    topic read andon/v1/+/camera/+/event
    topic read andon/v1/+/camera/+/status
    topic write andon/v1/+/camera/andon-check/event
    """

  @Test func aBrokerThatIsSetUpWellHasNoErrors() throws {
    let broker = try guarded(Self.full)
    let found = try findings(broker, ", username: bridge", password: "secret")
    #expect(errors(found).isEmpty)
    #expect(
      Set(found.filter { $0.level == .ok }.map(\.subject)).isSuperset(of: [
        "login", "acl", "session", "queue",
      ]))
    // No camera sent anything: a warning.
    #expect(found.contains { $0.level == .warning && $0.subject == "cameras" })
  }

  @Test func aWrongPasswordIsNamed() throws {
    let broker = try guarded(Self.full)
    let found = errors(try findings(broker, ", username: bridge", password: "wrong"))
    #expect(found.count == 1 && found[0].hasPrefix("login: ") && found[0].contains("password"))
    #expect(!found[0].contains("wrong\""))
  }

  @Test func aMissingRightToPublishIsNamedWithItsLine() throws {
    let broker = try guarded(Self.full.replacing("topic write andon/v1/+/alert_event/#\n", with: ""))
    let found = errors(try findings(broker, ", username: bridge", password: "secret"))
    #expect(found.count == 1 && found[0].contains("topic write andon/v1/+/alert_event/#"))
  }

  @Test func aGrantedSubscriptionThatDeliversNothingIsProven() throws {
    let broker = try guarded(Self.full.replacing("topic read andon/v1/+/camera/+/event\n", with: ""))
    let found = errors(try findings(broker, ", username: bridge", password: "secret"))
    #expect(
      found.contains {
        $0.contains("granted the subscription") && $0.contains("topic read andon/v1/plant-a/camera/+/event")
      })
  }

  @Test func aQueueOfAThousandIsTooShort() throws {
    let broker = try Broker(.init(lines: ["max_queued_messages 1000"]))
    let found = errors(try findings(broker, queue: 1500))
    #expect(found.count == 1 && found[0].hasPrefix("queue: the broker kept only 10"), "\(found)")
    #expect(found[0].contains("max_queued_messages"))
  }

  @Test func aWrongAuthorityAndAPlainPortAreRefused() throws {
    let certificates = try Certificates()
    let broker = try Broker(.init(lines: certificates.brokerLines()))
    let found = errors(
      try findings(broker, ", tls: {ca_file: '\(certificates.strangerAuthority)'}", host: "localhost"))
    #expect(found.count == 1 && found[0].contains("certificate"), "\(found)")
    let well = try findings(broker, ", tls: {ca_file: '\(certificates.authority)'}", host: "localhost")
    #expect(errors(well).isEmpty && well.contains { $0.subject == "tls" }, "\(well)")
    let plain = try Broker()
    #expect(
      errors(try findings(plain, ", tls: {ca_file: '\(certificates.authority)'}", host: "localhost")).count
        == 1)
  }

  @Test func aCamerasClockThatIsTenMinutesOffIsFound() throws {
    let broker = try Broker()
    // A camera that sends continuously, as a child process, so that this test cannot block it.
    let event = TestSite.event(WallClock.system.nowMs - 600_000)
    let publish =
      "mosquitto_pub -p \(broker.port) -q 1 -t andon/v1/plant-a/camera/cam-07/event -m '\(event)'"
    let camera = try ChildProcess(
      "/bin/sh", ["-c", "while \(publish); do sleep 0.1; done"],
      output: broker.folder.appending(path: "camera.log").path)
    defer {
      camera.signal(SIGKILL)
      camera.wait()
    }
    let found = try findings(broker, queue: 0)
    #expect(
      errors(found).contains { $0.contains("camera cam-07 is 60") && $0.contains("behind") }, "\(found)")
    #expect(found.contains { $0.subject == "cameras" && $0.text.contains("from 1 cameras") })
  }

  @Test func fault48_aSubscriptionThatIsGrantedLessIsAnError() throws {
    // The first packet of each connection gets the whole answer: CONNACK, and SUBACKs by packet id.
    let broker = try ScriptedBroker(
      [
        ScriptedBroker.connack(sessionPresent: false), ScriptedBroker.suback(1, [1]),
        ScriptedBroker.suback(2, [0]),
        ScriptedBroker.suback(3, [0x87]), ScriptedBroker.suback(4, [0x87]),
      ])
    let settings = try SettingsLoader.parse(
      yaml: "broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}\nsites: [{id: plant-a, timezone: UTC}]",
      file: "x.yaml",
      environment: [:])
    let found = SubscriptionProbe(site: settings.sites[0]).run(
      BrokerCheck(settings, password: nil, plan: .init()).context)
    let errors = errors(found)
    #expect(errors.count == 2, "\(found)")
    #expect(
      errors.contains {
        $0.contains("camera/+/status") && $0.contains("granted only QoS 0") && $0.contains("max_qos")
      })
    #expect(errors.contains { $0.contains("cmd/+/+") && $0.contains("topic read andon/v1/plant-a/cmd/+/+") })
    #expect(
      found.contains { $0.level == .warning && $0.text.contains("$SYS/broker/publish/messages/dropped") })
  }

  @Test func fault51_aCameraThatSendsWithQoS0IsNamed() throws {
    let broker = try Broker()
    let event = TestSite.event(WallClock.system.nowMs)
    let publish =
      "mosquitto_pub -p \(broker.port) -q 0 -t andon/v1/plant-a/camera/cam-07/event -m '\(event)'"
    let camera = try ChildProcess(
      "/bin/sh", ["-c", "while \(publish); do sleep 0.1; done"],
      output: broker.folder.appending(path: "camera.log").path)
    defer {
      camera.signal(SIGKILL)
      camera.wait()
    }
    let found = try findings(broker, queue: 0)
    #expect(
      found.contains {
        $0.subject == "qos" && $0.text.contains("camera cam-07 sent with QoS 0")
          && $0.advice.contains("mqtt.qos: 1")
      }, "\(found)")
  }

  @Test func fault44_mosquittoRefusesTopicsWithControlCharacters() throws {
    let found = try findings(try Broker(), queue: 0)
    #expect(found.contains { $0.subject == "text" && $0.text.contains("the broker refuses") }, "\(found)")
  }

  /// Checks docs/mqtt.md on Mosquitto: with a control character in any position, the publisher's connection
  /// ends and no subscriber receives the message.
  @Test func fault44_mosquittoPassesNoControlCharacterOn() async throws {
    let broker = try Broker()
    let reader = try await TestClient(broker)
    try await reader.subscribe("x/#")
    func text(_ text: String) -> [UInt8] { [0, UInt8(text.utf8.count)] + Array(text.utf8) }
    func packet(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, UInt8(body.count)] + body }
    let connect = packet(0x10, text("MQTT") + [5, 2, 0, 60, 0] + text("p"))
    for (topic, properties) in [
      ("x/a\u{1}", []), ("x/a\u{7F}", []), ("x/a\u{85}", []), ("x/a", [0x08] + text("r\u{1}")),
      ("x/a", [0x26] + text("name\u{1}") + text("v")), ("x/a", [0x26] + text("name") + text("v\u{1}")),
    ] as [(String, [UInt8])] {
      let publisher = try RawHTTP(port: broker.port)
      let publish = packet(0x32, text(topic) + [0, 1, UInt8(properties.count)] + properties + [33])
      publisher.send(String(decoding: connect + publish, as: UTF8.self))
      _ = publisher.receive(seconds: 30)
      #expect(publisher.isClosed, "\(topic.debugDescription) \(properties)")
    }
    try SyncClient(broker).publish("good", to: "x/a")
    #expect(try await reader.received { !$0.isEmpty }.map(\.text) == ["good"])
  }

  @Test func topicsThatNobodyReadsAreNamedWithTheLineToChange() {
    let found = UnreadTopicProbe.unread(
      in: [
        "andon/v1/plant-a/camera/cam-01/event", "andon/v1/plant-a/camera/cam-01/reject",
        "andon/v1/plant-a/kpi/site/site/day", "andon/v1/_bridge/b1/status",
        "other/plant-z/camera/cam-01/event",
        "andon/v1/plant-b/camera/cam-02/event", "andon/v1/plant-b/camera/cam-01/event",
        "andon/v1/plant-a/camera/cam-01/evnt", "andon/v1/plant-a/mapped/x",
      ], root: "andon/v1", sites: ["plant-a"], isMapped: { $0.hasSuffix("mapped/x") })
    #expect(found.count == 2, "\(found)")
    #expect(
      found[0].text.hasPrefix("andon/v1/plant-b/camera/cam-01/event came in")
        && found[0].advice.contains("- {id: plant-b, timezone: …}"))
    #expect(
      found[1].text.hasPrefix("andon/v1/plant-a/camera/cam-01/evnt came in and nobody reads it (1 such"))
  }

  @Test func aWrongPortIsNamedWithTheOneThatAnswers() throws {
    let broker = try Broker()
    var closed = broker.port
    while closed == broker.port { closed = try Broker.freePort() }
    let settings = try SettingsLoader.parse(
      yaml: "broker: {url: 'mqtt://127.0.0.1:\(closed)'}\nsites: [{id: plant-a, timezone: UTC}]",
      file: "x.yaml", environment: [:])
    var plan = BrokerCheck.Plan()
    plan.usualPorts = [Int(closed), Int(broker.port)]
    let found = BrokerCheck(settings, password: nil, plan: plan).run()
    #expect(
      found.count == 1 && found[0].advice.hasPrefix("port \(broker.port) of 127.0.0.1 answers; "), "\(found)")
    plan.usualPorts = [Int(closed)]
    #expect(BrokerCheck(settings, password: nil, plan: plan).run()[0].advice.hasPrefix("check broker.url"))
  }

  @Test func nobodyThereIsSaidInOneLine() throws {
    let broker = try Broker()
    broker.stop()
    let found = try findings(broker)
    #expect(found.count == 1 && found[0].subject == "broker" && found[0].advice.contains("broker.url"))
  }
}
