package import AndonConfiguration
import AndonCore
package import AndonPublish
package import AndonRuntime
package import AndonStatus
import AndonStore
import Foundation
package import Logging
import Mosquitto

/// One site's Sparkplug connection, on a thread of its own.
///
/// Clean start, a will that is the death certificate, everything with QoS 0 and not retained. It never blocks
/// the ingest loop: changes wait in `feed`.
package final class SparkplugLink: Sendable {
  /// Asks to acknowledge a camera's drift alarm; called on this connection's thread.
  package typealias Acknowledge = @Sendable (_ siteID: String, _ cameraID: String, _ by: String) -> Void

  package let feed: SparkplugFeed
  private let site: SiteSettings
  private let topics: SparkplugTopics
  private let primaryHost: String?
  private let settings: ConnectionSettings
  private let counterPath: String
  private let status: StatusBoard
  private let acknowledge: Acknowledge
  private let budget: FileDescriptorBudget
  private let clock: WallClock
  private let monotonic = MonotonicClock.system
  private let refusals: RefusalLog
  private let logger: Logger
  private let wakeup: Wakeup
  private let signal: StopSignal

  /// Descriptors of the connection: socket and socket pair of the MQTT client, and one in reserve.
  private static let descriptors = 4
  /// Messages between two writes to the socket.
  private static let writeEvery = 64
  private static let unreadableLogMs: Int64 = 3_600_000
  private static let goodbyeLimit: Duration = .seconds(1)

  package init(
    site: SiteSettings, settings: Settings, password: String?, status: StatusBoard, clock: WallClock,
    refusals: RefusalLog = RefusalLog(), budget: FileDescriptorBudget = FileDescriptorBudget(),
    logger: Logger,
    acknowledge: @escaping Acknowledge
  ) throws {
    self.site = site
    topics = SparkplugTopics(group: site.id, node: settings.bridge.id)
    primaryHost = settings.sparkplug.primaryHost
    // No id contains a dot, so no other connection of a site can have this client id.
    var connection = ConnectionSettings(
      settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-\(site.id).sparkplug")
    connection.cleanStart = true
    connection.sessionExpirySeconds = 0
    self.settings = connection
    counterPath = settings.birthDeathPath(site: site.id)
    self.status = status
    self.acknowledge = acknowledge
    self.budget = budget
    self.refusals = refusals
    self.clock = clock
    self.logger = logger
    wakeup = try Wakeup()
    signal = StopSignal(wakeup: wakeup)
    feed = SparkplugFeed(wakeup: wakeup)
  }

  /// Ends `run` after the death certificate was sent, at the latest after a second.
  package func stop() { signal.raise() }

  /// Blocks its thread until `stop`.
  package func run() {
    var session = Session(
      node: SparkplugNode(
        topics: topics, windows: WindowKind.allCases.filter { site.kpi.windows.contains($0.rawValue) },
        hasShifts: site.hasShifts, hasTargets: !site.targets.isEmpty,
        publishIntervalMs: site.kpi.publishIntervalMs,
        version: AndonVersion.text),
      counter: BirthDeathCounter(path: counterPath), health: ConnectionHealth(address: settings.address))
    status.updateSparkplug(site.id, session.health)
    var random = SystemRandomNumberGenerator()
    var hasDescriptors = false
    while !signal.raised {
      do {
        if !hasDescriptors { try budget.acquire(Self.descriptors) }
        hasDescriptors = true
        try connect(&session)
      } catch {
        if signal.raised { break }
        signal.pause(milliseconds: lost(error, &session, using: &random))
      }
    }
    if hasDescriptors { budget.give(Self.descriptors) }
  }

  /// Logs the error and returns how long to wait, milliseconds.
  private func lost(
    _ error: any Error, _ session: inout Session, using random: inout some RandomNumberGenerator
  ) -> Int64 {
    let nowMs = monotonic.nowMs
    if (error as? LostConnection)?.reason == 0x95, let largest = session.gate.largest {
      session.gate.memory.record(largest, reason: 0x95, nowMs: nowMs)
    }
    session.lose()
    let before = session.health.trouble
    let waitMs = session.health.lost(error, monotonicMs: nowMs, using: &random)
    status.updateSparkplug(site.id, session.health)
    logger.log(
      level: session.health.trouble == before ? .debug : .warning, "Sparkplug has no connection",
      metadata: [
        "site": "\(site.id)", "error": "\(session.health.trouble ?? "")", "retry_ms": "\(waitMs)",
      ])
    return waitMs
  }

  /// State that is kept over reconnects, and the state of the current connection.
  private struct Session {
    var node: SparkplugNode
    var counter: BirthDeathCounter
    var host = SparkplugPrimaryHost()
    var health: ConnectionHealth
    var gate = SparkplugGate()
    /// When an unreadable message was last logged, monotonic milliseconds.
    var unreadableLoggedMs: Int64?
    var bdSeq: UInt8 = 0
    /// Subscriptions without an answer; nil before CONNACK.
    var pending: Set<Int32>?
    var wantsBirth = false
    var droppedClosed: Int64 = 0
    /// When the cameras' counts were last updated: they change with every event.
    var countedAt: ContinuousClock.Instant?

    init(node: SparkplugNode, counter: BirthDeathCounter, health: ConnectionHealth) {
      self.node = node
      self.counter = counter
      self.health = health
    }

    mutating func lose() {
      node.disconnected()
      host.disconnected()
      pending = nil
      wantsBirth = false
      gate.disconnected()
    }
  }

  /// The primary host went offline: the node publishes its death and reconnects (Sparkplug 3.0, 5.5).
  private struct HostOffline: Error, CustomStringConvertible {
    let description = "the primary host application is offline"
  }

  // MARK: Connection

  private func connect(_ session: inout Session) throws {
    let (bdSeq, failure) = session.counter.next()
    if let failure {
      logger.warning("bdSeq not kept", metadata: ["site": "\(site.id)", "error": "\(failure)"])
    }
    session.bdSeq = bdSeq
    session.lose()
    let death = session.node.death(bdSeq: bdSeq)
    var settings = settings
    settings.will = Will(topic: death.topic, payload: death.payload.encoded(), qos: 1, retain: false)
    let connection = try Connection(settings)
    do {
      try connection.connect(wakeup: wakeup) { !signal.raised }
    } catch {
      // No CONNECT reached the broker: the number is not used yet.
      session.counter.giveBack()
      throw error
    }
    let batch = MessageBatch()
    do {
      while !signal.raised {
        if connection.wait(milliseconds: 500, wakeup: wakeup) {
          _ = try connection.receive(into: batch, until: .init())
        }
        try apply(connection.dequeueEvents(), connection, &session)
        try read(batch, &session)
        batch.removeAll()
        try publishDue(connection, &session)
        try connection.flush()
        try connection.keepAlive()
      }
    } catch let error as HostOffline {
      sayGoodbye(connection, death)
      throw error
    }
    if session.node.isBorn { sayGoodbye(connection, death) } else { connection.disconnectWithWill() }
  }

  private func apply(
    _ events: [ConnectionEvent], _ connection: Connection, _ session: inout Session
  ) throws {
    for event in events {
      switch event {
      case .connected(_, let reason):
        guard reason == 0 else { throw RefusedConnection(reason: reason) }
        try subscribe(connection, &session)
      case .subscribed(let mid, let granted):
        guard session.pending?.remove(mid) != nil else { continue }
        // Commands and the host's state may come with QoS 0: only a real refusal counts.
        let asked = granted.count == 1 ? filters.suffix(1) : filters.prefix(granted.count)
        if let refusal = RefusedSubscription(Array(asked), asked: 0, granted: granted) { throw refusal }
        guard session.pending?.isEmpty == true else { continue }
        session.health.connected(monotonicMs: monotonic.nowMs)
        status.updateSparkplug(site.id, session.health)
        session.wantsBirth = true
        logger.info("Sparkplug connected", metadata: ["site": "\(site.id)", "bd_seq": "\(session.bdSeq)"])
      case .disconnected(let reason, let text):
        throw LostConnection(reason: reason, text: text)
      case .published, .log: break
      }
    }
  }

  private var filters: [String] {
    [topics.nodeCommand, topics.deviceCommandFilter]
      + (primaryHost.map { [SparkplugTopics.state(host: $0)] } ?? [])
  }

  /// Subscribes before the birth. Retained commands are not delivered: they do not express a current request.
  private func subscribe(_ connection: Connection, _ session: inout Session) throws {
    var pending: Set<Int32> = [
      try connection.subscribe(
        [topics.nodeCommand, topics.deviceCommandFilter], qos: 1, retainHandling: .never)
    ]
    if let primaryHost {
      pending.insert(
        try connection.subscribe(
          [SparkplugTopics.state(host: primaryHost)], qos: 1, retainHandling: .always))
    }
    session.pending = pending
  }

  // MARK: Incoming

  private func read(_ batch: MessageBatch, _ session: inout Session) throws {
    for index in 0..<batch.count {
      let (topic, payload, isRetained) = batch.withMessage(at: index) { topic, payload, isRetained in
        (topic, payload.indices.map { payload[$0] }, isRetained)
      }
      if let primaryHost, topic == SparkplugTopics.state(host: primaryHost) {
        try update(state: payload, &session)
      } else if !isRetained {
        update(command: payload, topic: topic, &session)
      }
    }
  }

  private func update(state payload: [UInt8], _ session: inout Session) throws {
    guard let state = HostState(payload: payload) else {
      return unreadable(
        "STATE of the primary host", topic: primaryHost.map(SparkplugTopics.state) ?? "", &session)
    }
    let wasBorn = session.node.isBorn
    guard session.host.update(online: state.online, timestampMs: state.timestamp) == .offline, wasBorn else {
      return
    }
    throw HostOffline()
  }

  private func update(command payload: [UInt8], topic: String, _ session: inout Session) {
    guard let command = SparkplugCommand(payload: payload) else {
      return unreadable("a Sparkplug command", topic: topic, &session)
    }
    if topic == topics.nodeCommand {
      // Several requests in a row are answered by one birth.
      if SparkplugNode.asksForRebirth(command), session.pending?.isEmpty == true { session.wantsBirth = true }
    } else if let device = topics.device(ofCommand: topic),
      let camera = session.node.acknowledgement(command, device: device)
    {
      acknowledge(site.id, camera, "sparkplug")
    }
  }

  /// Counted each time and logged once an hour: any client may publish invalid messages.
  private func unreadable(_ what: String, topic: String, _ session: inout Session) {
    status.update(site.id) { $0.sparkplugUnreadable += 1 }
    let nowMs = monotonic.nowMs
    guard session.unreadableLoggedMs.map({ nowMs - $0 >= Self.unreadableLogMs }) ?? true else { return }
    session.unreadableLoggedMs = nowMs
    logger.warning(
      "\(what) cannot be read; further ones are only counted",
      metadata: ["site": "\(site.id)", "topic": "\(topic)"])
  }

  // MARK: What is sent

  private func publishDue(_ connection: Connection, _ session: inout Session) throws {
    applyChanges(&session)
    guard session.pending?.isEmpty == true, primaryHost == nil || session.host.isOnline else { return }
    let nowMs = clock.nowMs
    var unwritten = 0
    // A copy, because the node, which is part of the session too, is modified while it returns messages.
    var gate = session.gate
    defer { session.gate = gate }
    _ = gate.memory.dequeueExpired(nowMs: monotonic.nowMs)
    func send(_ message: SparkplugMessage) throws {
      if let refusal = try gate.send(message, over: connection) { report(refusal) }
      unwritten += 1
      if unwritten >= Self.writeEvery {
        try connection.flush()
        unwritten = 0
      }
    }
    if session.wantsBirth {
      session.wantsBirth = false
      try session.node.births(bdSeq: session.bdSeq, nowMs: nowMs, send: send)
    }
    try session.node.changes(nowMs: nowMs, send: send)
  }

  private func report(_ refusal: SparkplugGate.Refusal) {
    guard refusals.refused(refusal.topic, reason: refusal.reason, nowMs: monotonic.nowMs) else { return }
    logger.warning(
      "a Sparkplug message was refused, the others go on",
      metadata: [
        "site": "\(site.id)", "topic": "\(refusal.topic)", "bytes": "\(refusal.bytes)",
        "reason": "\(PublishRefusal.words(refusal.reason))",
        "what_to_do": "\(PublishRefusal.advice(refusal.reason))",
      ])
  }

  private func applyChanges(_ session: inout Session) {
    let nowMs = clock.nowMs
    let changes = feed.dequeue()
    for record in changes.closed { session.node.update(final: record) }
    for record in changes.records { session.node.update(record) }
    let interval = Duration.milliseconds(site.kpi.publishIntervalMs)
    let countsToo = session.countedAt.map { .now - $0 >= interval } ?? true
    if countsToo { session.countedAt = .now }
    if let status = status.site(site.id) {
      session.node.update(health: status.health.state.rawValue, nowMs: nowMs)
      for camera in status.cameras {
        session.node.update(
          SparkplugCamera(
            cameraID: camera.cameraID, status: camera.status, events: camera.events,
            lastEventMs: camera.lastEventMs), countsToo: countsToo,
          nowMs: nowMs)
      }
    }
    for alarm in changes.alarms { session.node.update(alarm) }
    session.droppedClosed += changes.droppedClosed
    if changes.droppedClosed > 0 {
      logger.warning(
        "Sparkplug history dropped: too much waited",
        metadata: ["site": "\(site.id)", "dropped": "\(session.droppedClosed)"])
    }
  }

  /// Publishes the death certificate, waits for its PUBACK, and disconnects so that the broker publishes the
  /// will too: hosts recognize by bdSeq that both are the same (Sparkplug 3.0, 5.5).
  private func sayGoodbye(_ connection: Connection, _ death: SparkplugMessage) {
    let publication = Publication(topic: death.topic, payload: death.payload.encoded(), qos: 1)
    do {
      try connection.publishLast(publication, within: Self.goodbyeLimit) {
        connection.wait(milliseconds: 100, wakeup: wakeup)
      }
    } catch {
      // The broker publishes the will.
    }
    connection.disconnectWithWill()
  }
}
