package import AndonConfiguration
import AndonCore
package import AndonIngest
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore
import Mosquitto

/// Receives one site's messages on one thread: receive, decode, store and aggregate in one transaction,
/// publish what changed, and only then let the acknowledgements leave.
///
/// A lost broker, a full disk and a defect have one way of recovery: the connection is dropped with its
/// acknowledgements unsent, the batch is discarded, the broker delivers again, and the identity key makes the
/// repetition harmless.
package final class SiteIngestLoop: Sendable {
  /// Events that came over HTTP wait here for the next commit.
  package let httpQueue: HTTPIngestQueue
  private let site: SiteSettings
  private let rules: IngestRules
  private let connectionSettings: ConnectionSettings
  private let parts: IngestLoopParts
  private let store: SiteStoreOpener
  private let reporter: SiteStatusReporter
  private let responder: CommandResponder
  private let clockMonitor: ClockMonitor
  private let sessionMemory = SessionMemory()
  /// One descriptor wakes the loop for requests, for posted events and for the stop.
  private let wakeup: Wakeup
  private let signal: StopSignal

  /// Figures lag behind the events by up to a second, and a busy site writes each summary once a second.
  private static let flushIntervalMs: Int64 = 1000

  private var clock: WallClock { parts.clock }
  private var monotonic: MonotonicClock { parts.monotonic }

  package init(site: SiteSettings, settings: Settings, password: String?, _ parts: IngestLoopParts) {
    self.site = site
    self.parts = parts
    var rules = IngestRules(site: site, settings: settings)
    rules.flushIntervalMs = Self.flushIntervalMs
    self.rules = rules
    var connection = ConnectionSettings(
      settings.broker, password: password, clientID: "andon-\(settings.clientName)-\(site.id)")
    connection.cleanStart = false
    connection.sessionExpirySeconds = settings.broker.sessionExpirySeconds
    connectionSettings = connection
    store = SiteStoreOpener(path: settings.databasePath(site: site.id), siteID: site.id, parts)
    reporter = SiteStatusReporter(siteID: site.id, parts)
    responder = CommandResponder(rules: rules, databasePath: store.path, parts)
    clockMonitor = ClockMonitor(wall: parts.clock, monotonic: parts.monotonic)
    wakeup = parts.requests.wakeup
    signal = StopSignal(wakeup: wakeup)
    httpQueue = HTTPIngestQueue(wakeup: wakeup)
  }

  /// The process continues without this loop: `run` closes the file and gives its lock back before it ends.
  func closeAtEnd() { signal.processGoesOn = true }

  /// Ends `run` after the batch in hand is committed and acknowledged.
  package func stop() { signal.raise() }

  private var stopping: Bool { signal.raised }

  /// Blocks its thread until `stop`. Never throws: an error is reported, and after a wait everything is tried
  /// again.
  package func run() {
    var health = SiteHealth(nowMs: clock.nowMs)
    var random = SystemRandomNumberGenerator()
    let publisher = makePublisher()
    // Also before the first connection and between two: what is committed then is published with the next
    // one.
    parts.requests.setOpen(true)
    while !stopping {
      do {
        var session = try begin(Connection(connectionSettings), publisher, health)
        defer { health = session.health }
        try work(&session)
      } catch {
        guard !stopping else { break }
        parts.observers.metrics.reconnected()
        let waitMs = recover(from: error, &health, using: &random)
        signal.pause(milliseconds: waitMs) { serveQueues(publisher) }
      }
    }
    httpQueue.close()
    parts.requests.setOpen(false)
    reporter.reportDisconnected()
    if signal.processGoesOn { store.closeForGood() }
  }

  /// What outlives the connections. For one thread.
  func makePublisher() -> SitePublisher {
    SitePublisher(site: site, rules: rules, reporter: reporter, responder: responder, parts)
  }

  /// Reports the error, closes the file where it is not to be trusted, and returns how long to wait,
  /// milliseconds.
  func recover(
    from error: any Error, _ health: inout SiteHealth, using random: inout some RandomNumberGenerator
  ) -> Int64 {
    let retry = health.trouble(
      SiteFailure(error, path: store.path), nowMs: clock.nowMs, monotonicMs: monotonic.nowMs, using: &random)
    reporter.report(health, isConnected: false)
    if retry.closesStore { store.close() }
    reporter.report(retry, health)
    return retry.waitMs
  }

  // MARK: The beginning of a connection

  func begin(_ link: any BrokerConnection, health: SiteHealth) throws -> IngestSession {
    try begin(link, makePublisher(), health)
  }

  /// Opens what is needed and sends CONNECT.
  private func begin(
    _ link: any BrokerConnection, _ publisher: SitePublisher, _ health: SiteHealth
  ) throws -> IngestSession {
    let reading = try clockMonitor.read()
    let opened = try store.open()
    reporter.report(goneRoutes: try opened.keepNotifications(of: site.notify.map(\.route.id)))
    let pipeline = try makePipeline(opened)
    reporter.report(pipeline.engine)
    reporter.reportGapsOfFile()
    publisher.republish()
    var session = IngestSession(
      broker: BrokerSession(
        link, rules: rules, memory: sessionMemory, reporter: reporter, clock: clock),
      pipeline: pipeline, publisher: publisher, health: health,
      resources: ResourceMonitor(
        space: DiskSpaceMonitor(databasePath: store.path, limitBytes: site.limits.minFreeBytes),
        firstCheckMs: monotonic.nowMs), ticks: TickSchedule(site),
      linger: CommitLinger(limitMs: site.limits.commitLingerMs))
    try clockMonitor.compare(
      reading, with: store.current, &session.pipeline, report: reporter.report)
    try connect(&session)
    return session
  }

  /// The pipeline as the file has it.
  private func makePipeline(_ store: SiteStore) throws -> IngestPipeline {
    IngestPipeline(
      rules: rules, store: store,
      engine: try SiteEngine(
        store: store, rules: rules, drift: DriftSettings(site.drift),
        canRecompute: parts.recompute != nil, nowMs: clock.nowMs), clock: clock)
  }

  /// Sends CONNECT, and serves HTTP and commands while the broker lets it wait.
  private func connect(_ session: inout IngestSession) throws {
    try parts.mayConnect()
    try session.broker.willConnect(&session.pipeline)
    var failure: (any Error)?
    let link = session.broker.link
    do {
      try link.connect(wakeup: wakeup) {
        do {
          try serveQueues(&session)
        } catch {
          failure = error
        }
        return !stopping && failure == nil
      }
    } catch {
      if let failure { throw failure }
      try session.broker.recordNotConnected(&session.pipeline)
      throw error
    }
    session.broker.didConnect()
  }

  // MARK: The loop

  private func work(_ session: inout IngestSession) throws {
    var waitMs: Int32 = 0
    while !stopping {
      session.broker.link.wait(milliseconds: waitMs, wakeup: wakeup)
      waitMs = try step(&session) == .full ? 0 : 250
    }
    end(&session)
  }

  /// Ends the connection as on request: the session stays at the broker.
  func end(_ session: inout IngestSession) {
    // If this fails, the summaries are computed when the file is opened again.
    try? session.pipeline.flush(closesAll: true)
    session.broker.recordEnd(nil, &session.pipeline)
    session.broker.link.disconnect()
  }

  /// One turn: read, commit what was read, and only then let its acknowledgements leave.
  func step(_ session: inout IngestSession) throws -> Connection.ReceiveOutcome {
    let link = session.broker.link
    let (received, events) = try receive(&session)
    if session.batch.count > 0 { session.broker.recordMessages() }
    let outcome = try session.broker.apply(events, &session.pipeline)
    if outcome.hasSubscribed {
      session.health.sessionBegan(nowMs: clock.nowMs)
      reporter.report(session.health, isConnected: true)
    }
    let nowMs = try clockMonitor.judge(&session.pipeline, report: reporter.report)
    try commit(&session, nowMs: nowMs)
    session.batch.removeAll()
    // What was read before the end is committed all the same: with QoS 0 it would not come again.
    if let end = outcome.end {
      session.broker.recordEnd(end, &session.pipeline)
      throw end
    }
    // Everything received so far is on disk: from here on the acknowledgements may leave.
    try link.flush()
    try link.keepAlive()
    if received == .dry, session.broker.subscribedSinceMs != nil, session.health.state == .recovering {
      session.health.caughtUp(nowMs: clock.nowMs, monotonicMs: monotonic.nowMs)
      reporter.report(session.health)
    }
    try performRequests(&session)
    try publishDue(&session)
    checkResources(&session)
    return received
  }

  /// Reads what is there, and what comes while the linger says to wait. News of the connection and every
  /// wake-up (a stop, a request, posted events) end the wait. Nothing is sent meanwhile: acknowledgements in
  /// particular leave with `flush` only, however many messages one read of the library delivers.
  private func receive(
    _ session: inout IngestSession
  ) throws -> (outcome: Connection.ReceiveOutcome, events: [ConnectionEvent]) {
    let (link, batch) = (session.broker.link, session.batch)
    let limit = MessageBatch.Limit(messages: site.limits.batchMessages, bytes: site.limits.batchBytes)
    while true {
      let outcome = try link.receive(into: batch, until: limit)
      let events = link.dequeueEvents()
      guard outcome == .dry, events.isEmpty, !stopping,
        let waitMs = session.linger.wait(count: batch.count, nowMs: monotonic.nowMs),
        link.waitToRead(milliseconds: waitMs, wakeup: wakeup)
      else {
        session.linger.endTurn(count: batch.count, nowMs: monotonic.nowMs)
        return (outcome, events)
      }
    }
  }

  /// Commits the batch together with what came over HTTP, and publishes what that changed.
  private func commit(_ session: inout IngestSession, nowMs: Int64) throws {
    let posted = httpQueue.dequeue()
    let start = ContinuousClock.now
    do {
      let publisher = session.publisher
      _ = try session.pipeline.commit(session.batch, posted: posted, nowMs: nowMs) { update, engine in
        parts.observers.metrics.committed(
          entries: update.counters.received + update.counters.ignored, took: ContinuousClock.now - start)
        publish(update, engine, publisher)
      }
    } catch {
      for posted in posted { posted.answer(.failed("\(error)")) }
      throw error
    }
  }

  /// Asks the rules about time once a second, and publishes what is due.
  private func publishDue(_ session: inout IngestSession) throws {
    let nowMs = clock.nowMs
    if session.ticks.isDue(nowMs: nowMs) {
      let context = session.ticks.context(
        session.pipeline.engine, listeningSinceMs: session.broker.subscribedSinceMs, nowMs: nowMs)
      if let update = try session.pipeline.tick(context) {
        session.publisher.publish(update, session.pipeline.engine)
      }
      try session.pipeline.flush()
    }
    if let update = session.pipeline.dequeueUnpublished() {
      session.publisher.publish(update, session.pipeline.engine)
    }
    try session.publisher.publishDue(session.pipeline.engine, store.current, nowMs: nowMs)
  }

  private func checkResources(_ session: inout IngestSession) {
    guard session.resources.isDue(monotonicMs: monotonic.nowMs) else { return }
    let validity = session.broker.link.certificateValidity
    reporter.report(session.resources.check(validity, nowMs: clock.nowMs))
  }

  // MARK: HTTP and requests of other threads

  /// Commits what came over HTTP and performs requests while there is no broker to receive from. What that
  /// does to alarms is in the file, outbox included, and is published once the broker is back.
  func serveQueues(_ publisher: SitePublisher) {
    let (posted, commands) = (httpQueue.dequeue(), parts.requests.dequeue())
    guard !posted.isEmpty || !commands.isEmpty else { return }
    do {
      let reading = try clockMonitor.read()
      var pipeline = try makePipeline(store.open())
      try clockMonitor.compare(reading, with: store.current, &pipeline, report: reporter.report)
      _ = try pipeline.commit(MessageBatch(), posted: posted, nowMs: reading.nowMs) {
        publish($0, $1, publisher)
      }
      for command in commands {
        let update = try pipeline.perform(command)
        publisher.publish(update, pipeline.engine)
      }
    } catch {
      for posted in posted { posted.answer(.failed("\(error)")) }
      responder.refuse(commands, because: error)
    }
  }

  /// The same while a connection is waited for.
  private func serveQueues(_ session: inout IngestSession) throws {
    let nowMs = try clockMonitor.judge(&session.pipeline, report: reporter.report)
    try commit(&session, nowMs: nowMs)
    try performRequests(&session)
  }

  /// When the store fails for one request, all that are left are refused.
  private func performRequests(_ session: inout IngestSession) throws {
    let commands = parts.requests.dequeue()
    do {
      for command in commands {
        let update = try session.pipeline.perform(command)
        session.publisher.publish(update, session.pipeline.engine)
      }
    } catch {
      responder.refuse(commands, because: error)
      throw error
    }
  }

  /// What follows the commit of a batch: everything that changed is published, and what the events say about
  /// the machine's clock is applied.
  private func publish(_ update: SiteEngine.Update, _ engine: SiteEngine, _ publisher: SitePublisher) {
    publisher.publish(update, engine)
    reporter.report(gaps: update.gaps)
    if update.clockEvidence.unjudged != nil { reporter.reportGapsOfFile() }
    clockMonitor.apply(update.clockEvidence, report: reporter.report)
  }
}
