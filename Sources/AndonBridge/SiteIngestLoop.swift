package import AndonConfiguration
import AndonCore
package import AndonIngest
package import AndonPublish
package import AndonRuntime
package import AndonStatus
package import AndonStore
import Foundation
package import Logging
package import Mosquitto
import Synchronization

/// One site's way of the data, on one thread: receive, decode, store and fold in one transaction, publish what
/// changed, and only then let the acknowledgements leave.
///
/// There is one recovery path for a lost broker, a full disk and a bug alike: the connection is dropped with
/// its acknowledgements unsent, the batch is forgotten, the broker delivers again, and the identity key makes
/// the repetition harmless.
package final class SiteIngestLoop: Sendable {
  private let site: SiteSettings
  private let rules: IngestRules
  private let connectionSettings: ConnectionSettings
  private let databasePath: String
  private let publishQueue: PublishQueue
  private let status: StatusBoard
  private let storeReference: StoreReference
  private let clock: WallClock
  private let monotonic: MonotonicClock
  private let logger: Logger
  private let wakeup: Wakeup
  private let signal: StopSignal
  private let descriptors: FileDescriptorLease
  private let watchers: IngestObservers
  /// Where events that came over HTTP wait for this ingestLoop.
  package let mailbox: HTTPIngestQueue
  /// How often the free space and the certificate are looked at.
  private static let checkIntervalMs: Int64 = 10_000
  /// What other threads ask of the alerts.
  private let requests: SiteCommandQueue
  private let calendar: SiteCalendar
  private let memory = IngestLoopState()
  /// Computes closed KPI windows again, for `cmd/kpi/recompute`; nil where nobody does.
  private let recompute: (@Sendable (_ fromMs: Int64, _ toMs: Int64) -> Void)?
  /// Rules of the clock are asked that often.
  private static let tickMs: Int64 = 1000

  package init(
    site: SiteSettings, settings: Settings, password: String?, publishQueue: PublishQueue,
    status: StatusBoard,
    storeReference: StoreReference, requests: SiteCommandQueue? = nil,
    recompute: (@Sendable (_ fromMs: Int64, _ toMs: Int64) -> Void)? = nil,
    watchers: IngestObservers = .none, clock: WallClock, monotonic: MonotonicClock = .system,
    budget: FileDescriptorBudget = FileDescriptorBudget(), logger: Logger
  ) throws {
    self.site = site
    self.watchers = watchers
    var rules = IngestRules(site: site, root: settings.topics.root)
    rules.bridgeID = settings.bridge.id
    self.rules = rules
    var connection = ConnectionSettings(
      settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-\(site.id)")
    connection.cleanStart = false
    connection.sessionExpirySeconds = settings.broker.sessionExpirySeconds
    connectionSettings = connection
    databasePath = settings.databasePath(site: site.id)
    self.publishQueue = publishQueue
    self.status = status
    self.storeReference = storeReference
    self.clock = clock
    self.monotonic = monotonic
    descriptors = FileDescriptorLease(budget)
    self.logger = logger
    let requests = try requests ?? SiteCommandQueue()
    self.requests = requests
    self.recompute = recompute
    calendar = SiteCalendar(site)
    // One descriptor wakes the ingestLoop, whoever has something for it.
    wakeup = requests.wakeup
    signal = StopSignal(wakeup: wakeup)
    mailbox = HTTPIngestQueue(wakeup: wakeup)
  }

  /// The process goes on without this ingestLoop: `run` closes the file and gives its lock back before it ends.
  func closeAtEnd() { signal.processGoesOn = true }

  /// Ends `run` after the batch in hand is committed and acknowledged.
  package func stop() {
    signal.raise()
  }

  private var stopping: Bool { signal.raised }

  /// Blocks its thread until `stop`. Never throws: trouble is told, waited out and tried again.
  package func run() {
    var health = SiteHealth(nowMs: clock.nowMs)
    var random = SystemRandomNumberGenerator()
    let shown = AlertPublication(site: site, topics: rules.topics, observer: watchers.alerts)
    let relay = OutboxRelay()
    // Also before the first session and between two: what is committed then is published with the next one.
    requests.setOpen(true)
    while !stopping {
      do {
        var session = try begin(Connection(connectionSettings), shown, relay, health)
        defer { health = session.health }
        try work(&session)
      } catch {
        guard !stopping else { break }
        watchers.metrics.reconnected()
        let waitMs = recover(from: error, &health, using: &random)
        signal.pause(milliseconds: waitMs) { serveMail(shown, relay) }
      }
    }
    mailbox.close()
    requests.setOpen(false)
    status.update(site.id) { $0.isConnected = false }
    guard signal.processGoesOn else { return }
    closeStore()
    descriptors.give()
  }

  /// Commits what came over HTTP, and does what others ask for, while there is no broker to receive from. What
  /// that does to alerts is in the file, outbox included, and is published once the broker is back.
  func serveMail(_ shown: AlertPublication, _ relay: OutboxRelay) {
    let (posted, pendingCommands) = (mailbox.take(), requests.take())
    guard !posted.isEmpty || !pendingCommands.isEmpty else { return }
    do {
      let (nowMs, step) = try readClock()
      var turn = try ingestPipeline(openStore())
      try noteClock(step, nowMs: nowMs, &turn)
      if let update = try turn.commit(MessageBatch(), posted: posted, nowMs: nowMs) {
        hear(update)
        tell(update, turn.engine, shown, relay)
      }
      for pendingCommand in pendingCommands {
        tell(try turn.perform(pendingCommand), turn.engine, shown, relay)
      }
    } catch {
      for posted in posted { posted.answer(.failed("\(error)")) }
      refuse(pendingCommands, because: error)
    }
  }

  /// Answers those that have no answer yet.
  private func refuse(
    _ pendingCommands: some Sequence<SiteCommandQueue.PendingCommand>, because error: any Error
  ) {
    let words = "the site's store does not take it: \(SiteFailure(error, path: databasePath).words)"
    for pendingCommand in pendingCommands { pendingCommand.answer(.refused("unavailable", words)) }
  }

  /// The pipeline as the file has it.
  private func ingestPipeline(_ store: SiteStore) throws -> IngestPipeline {
    IngestPipeline(
      rules: rules, store: store,
      engine: try SiteEngine(
        store: store, rules: rules, drift: DriftSettings(site.drift), canRecompute: recompute != nil,
        nowMs: clock.nowMs), clock: clock)
  }

  /// The open store, or a fresh try to open it.
  private func openStore() throws -> SiteStore {
    if let store = storeReference.store { return store }
    try descriptors.take()
    let store = try SiteStore.openForWriting(path: databasePath, siteID: site.id, clock: clock)
    storeReference.store = store
    return store
  }

  /// Tells the trouble, closes the file where it is not to be trusted, and says how long to wait, milliseconds.
  package func recover(
    from error: any Error, _ health: inout SiteHealth, using random: inout some RandomNumberGenerator
  ) -> Int64 {
    let trouble = SiteFailure(error, path: databasePath)
    let retry = health.trouble(
      trouble, nowMs: clock.nowMs, monotonicMs: monotonic.nowMs, using: &random)
    show(health, isConnected: false)
    if retry.closesStore { closeStore() }
    // The same trouble again is news for nobody: it stays visible in /status.
    let level: Logger.Level = !retry.isNews ? .debug : health.state == .failed ? .error : .warning
    logger.log(
      level: level, "site is \(health.state.rawValue)",
      metadata: [
        "site": "\(site.id)", "error": "\(health.reason ?? "")", "retry_ms": "\(retry.waitMs)",
      ])
    return retry.waitMs
  }

  private func closeStore() {
    guard let store = storeReference.store else { return }
    storeReference.store = nil
    do { try store.close() } catch {
      logger.warning("store not closed cleanly", metadata: ["site": "\(site.id)", "error": "\(error)"])
    }
  }

  private func show(_ health: SiteHealth, isConnected: Bool? = nil) {
    status.update(site.id) { status in
      status.health = health
      if let isConnected { status.isConnected = isConnected }
    }
  }

  // MARK: A connection's life

  /// What one connection carries along, from CONNECT until it is lost or `stop` was called.
  package struct Session {
    let link: any BrokerConnection
    let shown: AlertPublication
    let relay: OutboxRelay
    package var turn: IngestPipeline
    var health: SiteHealth
    let batch = MessageBatch()
    var subscriptions = SiteSubscriptions()
    var isSubscribed = false
    /// Why a session that is present may be a new one all the same; nil when it cannot.
    var doubt: GapRow.Cause?
    var certificateMonitor = CertificateExpiryMonitor()
    var nextCheckMs: Int64
    /// Since when the subscriptions stand, and when the rules of the clock were asked last.
    var listeningSinceMs: Int64?
    var lastTickMs: Int64 = .min
  }

  package func begin(_ link: any BrokerConnection, health: SiteHealth) throws -> Session {
    try begin(link, AlertPublication(site: site, topics: rules.topics), OutboxRelay(), health)
  }

  /// Opens what is needed and sends CONNECT.
  private func begin(
    _ link: any BrokerConnection, _ shown: AlertPublication, _ relay: OutboxRelay, _ health: SiteHealth
  ) throws -> Session {
    let (nowMs, step) = try readClock()
    let store = try openStore()
    let turn = try ingestPipeline(store)
    show(turn.engine)
    showGaps(store)
    // Also without a session events may have been committed, over HTTP: what they did to alerts is told now.
    shown.republish()
    relay.note(rows: 1)
    var session = Session(
      link: link, shown: shown, relay: relay, turn: turn, health: health,
      nextCheckMs: monotonic.nowMs)
    try noteClock(step, nowMs: nowMs, &session.turn)
    try connect(&session)
    return session
  }

  /// Sends CONNECT, and serves what comes over HTTP while the broker lets it wait.
  private func connect(_ session: inout Session) throws {
    let isMarked = try session.turn.noteConnecting()
    let known = memory.session.withLock { $0 }
    session.doubt = known == .lost ? .sessionLost : isMarked && known != .sure ? .sessionDoubtful : nil
    var failure: (any Error)?
    let link = session.link
    do {
      try link.connect(wakeup: wakeup) {
        do {
          try serveMail(&session)
        } catch {
          failure = error
        }
        return !stopping && failure == nil
      }
    } catch {
      if let failure { throw failure }
      if session.doubt == nil { try session.turn.noteNotConnected() }
      throw error
    }
    // From here on only the answer tells; without it the file's mark stands.
    memory.session.withLock { if $0 == .sure { $0 = .asTheFileSays } }
  }

  /// Commits what came over HTTP, and does what others ask for, while a connection is waited for.
  private func serveMail(_ session: inout Session) throws {
    let nowMs = try judgeClock(&session)
    if let update = try commit(&session, nowMs: nowMs) {
      hear(update)
      tell(update, session)
    }
    try answer(requests.take(), &session)
  }

  private func work(_ session: inout Session) throws {
    var waitMs: Int32 = 0
    while !stopping {
      let ready = poll(
        socket: session.link.socket, wantsWrite: session.link.wantsWrite, wakeup: wakeup,
        timeoutMilliseconds: waitMs)
      if ready.woken { wakeup.drain() }
      waitMs = try step(&session) == .full ? 0 : 250
    }
    session.link.disconnect()
  }

  /// One turn: read what is there, commit it, and only then let its acknowledgements leave.
  package func step(_ session: inout Session) throws -> Connection.ReceiveOutcome {
    let link = session.link
    let outcome = try link.receive(
      into: session.batch, until: .init(messages: site.limits.batchMessages, bytes: site.limits.batchBytes))
    let end = try follow(link.takeEvents(), &session)
    let nowMs = try judgeClock(&session)
    if let update = try commit(&session, nowMs: nowMs) {
      tell(update, session)
      hear(update)
      if !update.gaps.isEmpty { tell(update.gaps) }
    }
    session.batch.removeAll()
    // What was read is kept all the same: with QoS 0 it would not come again.
    if let end { throw end }
    // Everything received so far is on disk: from here on the acknowledgements may leave.
    try link.flush()
    try link.keepAlive()
    if outcome == .dry, session.isSubscribed, session.health.state == .recovering {
      session.health.caughtUp(nowMs: clock.nowMs, monotonicMs: monotonic.nowMs)
      show(session.health)
    }
    try followAlerts(&session)
    try watch(&session)
    return outcome
  }

  /// What others ask for, what the clock has to say, and what goes out because of it all.
  private func followAlerts(_ session: inout Session) throws {
    try answer(requests.take(), &session)
    let nowMs = clock.nowMs
    if nowMs >= session.lastTickMs + Self.tickMs || nowMs < session.lastTickMs {
      session.lastTickMs = nowMs
      let look = look(session.turn.engine, listeningSinceMs: session.listeningSinceMs, nowMs: nowMs)
      if let update = try session.turn.tick(look) { tell(update, session) }
    }
    if let update = session.turn.takeUntold() { tell(update, session) }
    session.shown.publishDue(
      session.turn.engine, to: publishQueue, nowMs: nowMs, monotonicMs: monotonic.nowMs)
    guard let store = storeReference.store else { return }
    try session.relay.relay(store, to: publishQueue, nowMs: monotonic.nowMs)
    showOutbox(session.relay, store)
  }

  /// Tells when the broker begins or ceases to refuse what the outbox has.
  private func showOutbox(_ relay: OutboxRelay, _ store: SiteStore) {
    let refusals = relay.refusals
    let shown = relay.shown
    let words = relay.refusalWords(site: site.id)
    guard shown?.refusals != refusals || shown?.words != words else { return }
    relay.shown = (refusals, words)
    let rows = try? store.outboxCount()
    status.update(site.id) { status in
      status.outbox.refused = refusals
      status.outbox.refusal = words
      status.outbox.rows = rows ?? status.outbox.rows
    }
    if words == nil, shown?.words != nil {
      logger.notice("the broker takes alert_event again", metadata: ["site": "\(site.id)"])
    } else if let words, shown?.words == nil {
      logger.warning("alerts wait in the outbox", metadata: ["site": "\(site.id)", "reason": "\(words)"])
    }
  }

  /// When the store does not take one pendingCommand, all that are left are told so.
  private func answer(_ pendingCommands: [SiteCommandQueue.PendingCommand], _ session: inout Session) throws {
    do {
      for pendingCommand in pendingCommands { tell(try session.turn.perform(pendingCommand), session) }
    } catch {
      refuse(pendingCommands, because: error)
      throw error
    }
  }

  private func look(_ engine: SiteEngine, listeningSinceMs: Int64?, nowMs: Int64) -> TickContext {
    TickContext(
      cameras: engine.cameraRows,
      shift: calendar.window(.shift, containing: nowMs), listeningSinceMs: listeningSinceMs,
      silentAfterMs: site.alerts.silentAfterMs, staleAfterMs: site.alerts.staleAfterMs,
      offlineDelayMs: site.alerts.offlineDelayMs)
  }

  /// Looks at what runs out slowly now and then.
  private func watch(_ session: inout Session) throws {
    let monotonicMs = monotonic.nowMs
    guard monotonicMs >= session.nextCheckMs else { return }
    session.nextCheckMs = monotonicMs + Self.checkIntervalMs
    watchSpace()
    if let store = storeReference.store, let rows = try? store.outboxCount() {
      status.update(site.id) { $0.outbox.rows = rows }
    }
    let warning = session.certificateMonitor.warning(
      expiresAtMs: session.link.certificateValidity.map { $0.toSeconds * 1000 }, nowMs: clock.nowMs)
    status.update(site.id) { $0.certificateWarning = warning?.words }
    if let warning, warning.isNews {
      logger.warning("certificate expires", metadata: ["site": "\(site.id)", "warning": "\(warning.words)"])
    }
  }

  private func watchSpace() {
    let folder = (databasePath as NSString).deletingLastPathComponent
    guard let free = StoreVolume.freeBytes(at: folder) else { return }
    let limit = site.limits.minFreeBytes
    let words = "\(folder) has \(free >> 20) MiB left, less than limits.min_free_bytes (\(limit >> 20) MiB)"
    let wasLow = status.site(site.id)?.spaceWarning != nil
    status.update(site.id) { $0.spaceWarning = free < limit ? words : nil }
    if free < limit, !wasLow {
      logger.warning("disk is filling up", metadata: ["site": "\(site.id)", "warning": "\(words)"])
    }
  }

  // MARK: The clock

  /// One reading, and how the clock stepped before it.
  private func readClock() throws -> (nowMs: Int64, step: (fromMs: Int64, toMs: Int64)?) {
    let (nowMs, monotonicMs) = (clock.nowMs, monotonic.nowMs)
    return (nowMs, try memory.clock.withLock { try $0.look(wallMs: nowMs, monotonicMs: monotonicMs) })
  }

  /// Before a batch is judged: a step is noted first, so that nothing is refused by it. Returns the reading to judge
  /// by.
  private func judgeClock(_ session: inout Session) throws -> Int64 {
    let (nowMs, step) = try readClock()
    if let step { try note(clockStep: step, &session.turn) }
    tell(memory.clock.withLock { $0.pass(monotonicMs: monotonic.nowMs) })
    session.turn.clockState = memory.clock.withLock { $0.trust.state }
    return nowMs
  }

  /// Compares the clock with the last commit of the file that was just opened.
  private func noteClock(
    _ step: (fromMs: Int64, toMs: Int64)?, nowMs: Int64, _ turn: inout IngestPipeline
  ) throws {
    if let step { try note(clockStep: step, &turn) }
    let committedAtMs = turn.engine.progress.committedAtMs
    if nowMs < committedAtMs - ClockStepDetector.toleranceMs {
      try note(clockStep: (committedAtMs, nowMs), &turn)
    } else if committedAtMs > 0 {
      let steppedAtMs = try storeReference.store?.lastClockStepMs()
      memory.clock.withLock {
        $0.compare(
          committedAtMs: committedAtMs, steppedAtMs: steppedAtMs, nowMs: nowMs, monotonicMs: monotonic.nowMs)
      }
    }
    turn.clockState = memory.clock.withLock { $0.trust.state }
  }

  private func note(clockStep step: (fromMs: Int64, toMs: Int64), _ turn: inout IngestPipeline) throws {
    memory.clock.withLock { $0.doubt(step, monotonicMs: monotonic.nowMs) }
    showClock()
    tell(try turn.noteClockStep(fromMs: step.fromMs, toMs: step.toMs))
  }

  /// What the cameras say of the clock.
  private func hear(_ update: SiteEngine.Update) {
    if update.clockEvidence.unjudged != nil, let store = storeReference.store { showGaps(store) }
    tell(memory.clock.withLock { $0.hear(update.clockEvidence, monotonicMs: monotonic.nowMs) })
  }

  private func tell(_ change: ClockTrust.Change?) {
    guard let change else { return }
    let wasDoubted = status.snapshot.first { $0.siteID == site.id }?.clockWarning != nil
    showClock()
    switch change {
    case .contradicted:
      logger.warning(
        "the clock is in doubt",
        metadata: ["site": "\(site.id)", "reason": "\(memory.clock.withLock { $0.trust.words } ?? "")"])
    case .proven where wasDoubted:
      logger.notice("the cameras agree with the clock again", metadata: ["site": "\(site.id)"])
    case .timeIsUp where wasDoubted:
      logger.warning(
        "the clock is believed again, though no majority of cameras bore it out",
        metadata: ["site": "\(site.id)"])
    case .proven, .timeIsUp: break
    }
  }

  private func showClock() {
    let words = memory.clock.withLock { $0.trust.words }
    status.update(site.id) { $0.clockWarning = words }
  }

  /// Commits the batch, and what came over HTTP with it.
  private func commit(_ session: inout Session, nowMs: Int64) throws -> SiteEngine.Update? {
    let posted = mailbox.take()
    let start = ContinuousClock.now
    do {
      guard let update = try session.turn.commit(session.batch, posted: posted, nowMs: nowMs) else {
        return nil
      }
      watchers.metrics.committed(
        entries: update.counters.received + update.counters.ignored, took: ContinuousClock.now - start)
      return update
    } catch {
      for posted in posted { posted.answer(.failed("\(error)")) }
      throw error
    }
  }

  /// Returns the connection's end, if it has come to that.
  private func follow(_ events: [ConnectionEvent], _ session: inout Session) throws -> LostConnection? {
    let hasEnded = events.contains { if case .disconnected = $0 { true } else { false } }
    for event in events {
      switch event {
      case .connected(let sessionPresent, let reason):
        guard reason == 0 else {
          if session.doubt == nil { try session.turn.noteNotConnected() }
          throw RefusedConnection(reason: reason)
        }
        status.update(site.id) { $0.sessionPresent = sessionPresent }
        logger.info(
          "site has its session", metadata: ["site": "\(site.id)", "session_present": "\(sessionPresent)"])
        try note(sessionPresent: sessionPresent, &session)
        // The reason for the end is better to know than that nothing can be sent any more.
        if !hasEnded { try subscribe(&session) }
      case .subscribed(let mid, let granted):
        guard let wish = session.subscriptions.take(mid) else { continue }
        try note(wish, granted: granted, &session)
      case .disconnected(let reason, let text):
        return LostConnection(reason: reason, text: text)
      case .published, .log:
        break
      }
    }
    return nil
  }

  /// CONNACK: what it says of the session goes into the file, or stays in mind while the file takes nothing.
  private func note(sessionPresent: Bool, _ session: inout Session) throws {
    if !sessionPresent { memory.session.withLock { $0 = .lost } }
    if let cause = sessionPresent ? session.doubt : .sessionLost {
      try session.turn.noteSessionMissing(cause)
    }
    memory.session.withLock { $0 = .sure }
  }

  /// SUBACK. Work begins when all subscriptions that the site needs are granted as asked.
  private func note(_ wish: SiteSubscriptions.Wish, granted: [UInt8], _ session: inout Session) throws {
    let refusal = wish.refusal(granted)
    guard !wish.isOptional else {
      note(brokerCounters: refusal)
      return
    }
    if let refusal {
      if wish.isOfEvents { try session.turn.noteSessionMissing(.subscriptionRefused) }
      throw refusal
    }
    guard session.subscriptions.isGranted, !session.isSubscribed else { return }
    tell(try session.turn.noteSubscribed())
    try session.turn.noteFilters()
    session.isSubscribed = true
    session.listeningSinceMs = clock.nowMs
    session.health.sessionBegan(nowMs: clock.nowMs)
    show(session.health, isConnected: true)
  }

  /// Many brokers keep $SYS to themselves: then their drops cannot be known, which is said once.
  private func note(brokerCounters refusal: RefusedSubscription?) {
    let words = refusal.map { _ in
      "the broker does not let this site read \(IngestBatch.brokerDroppedTopic): messages that it drops because a "
        + "queue is full stay unseen"
    }
    let shown = status.snapshot.first { $0.siteID == site.id }?.note
    guard shown != words else { return }
    status.update(site.id) { $0.note = words }
    if let words {
      logger.notice("broker's counters refused", metadata: ["site": "\(site.id)", "note": "\(words)"])
    }
  }

  /// One call each, because the camera's retained status is wanted and retained events are not.
  private func subscribe(_ session: inout Session) throws {
    let link = session.link
    let stale = try session.turn.staleFilters()
    if !stale.isEmpty { try link.unsubscribe(stale) }
    func ask(
      _ filters: [String], qos: UInt8 = 1, _ handling: RetainHandling, isOptional: Bool = false,
      isOfEvents: Bool = false
    ) throws {
      let ticket = try link.subscribe(filters, qos: Int32(qos), retainHandling: handling)
      session.subscriptions.note(
        .init(filters: filters, qos: qos, isOptional: isOptional, isOfEvents: isOfEvents), ticket: ticket)
    }
    try ask([rules.topics.cameraStatusFilter(site: site.id)], .always)
    try ask(
      [IngestBatch.brokerUptimeTopic, IngestBatch.brokerDroppedTopic], qos: 0, .always, isOptional: true)
    try ask([rules.topics.commandFilter(site: site.id)], .never)
    try ask(eventFilters, .never, isOfEvents: true)
  }

  /// Where events come from: our own topic, and those of the mappings.
  private var eventFilters: [String] {
    [rules.topics.eventFilter(site: site.id)] + rules.mappings.filters
  }

  private func tell(_ gaps: [GapRow]) {
    guard !gaps.isEmpty else { return }
    let ofCameras = gaps.filter { !$0.cameraID.isEmpty }
    if let first = ofCameras.first {
      logger.warning(
        "events may be missing",
        metadata: [
          "site": "\(site.id)", "cause": "\(first.cause.rawValue)", "from_ms": "\(first.fromMs)",
          "to_ms": "\(first.toMs)", "cameras": "\(Self.list(ofCameras.map(\.cameraID)))",
          "detail": "\(first.detail)",
        ])
    }
    for gap in gaps where gap.cameraID.isEmpty {
      logger.warning(
        gap.cause.mayMissEvents ? "events may be missing" : "the clock stepped",
        metadata: [
          "site": "\(site.id)", "cause": "\(gap.cause.rawValue)", "from_ms": "\(gap.fromMs)",
          "to_ms": "\(gap.toMs)", "detail": "\(gap.detail)",
        ])
    }
    if let store = storeReference.store { showGaps(store) }
  }

  /// The first few, and how many more.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }

  private func showGaps(_ store: SiteStore) {
    guard let gaps = try? store.gaps(newest: SiteStatus.gapLimit) else { return }
    status.update(site.id) { $0.gaps = gaps }
  }

  private func tell(_ update: SiteEngine.Update, _ session: Session) {
    tell(update, session.turn.engine, session.shown, session.relay)
  }

  private func tell(
    _ update: SiteEngine.Update, _ engine: SiteEngine, _ shown: AlertPublication, _ relay: OutboxRelay
  ) {
    let nowMs = clock.nowMs
    show(engine)
    if update.counters != OutcomeCounters() {
      status.update(site.id) { status in
        status.lastCommitMs = nowMs
        status.lagMs = update.newestTimestampMs.map { nowMs - $0 }
      }
    }
    if let stranger = update.rejections.first(where: { $0.rejection.code == .unlistedSite }),
      !memory.hasToldStranger.withLock({ told in
        defer { told = true }; return told
      })
    {
      logger.warning(
        "messages of another site are rejected",
        metadata: ["site": "\(site.id)", "detail": "\(stranger.rejection.detail)"])
    }
    for (camera, rejection) in update.rejections where !camera.isEmpty {
      if let notice = shown.rejectNotice(rejection, camera: camera, nowMs: nowMs) {
        publishQueue.enqueue(.reject(rules.topics.reject(site: site.id, camera: camera), notice))
      }
    }
    if !update.atMostOnce.isEmpty {
      logger.warning(
        "cameras send with QoS 0: what they send while the bridge is away is lost",
        metadata: [
          "site": "\(site.id)", "cameras": "\(Self.list(update.atMostOnce.sorted()))",
          "remedy": "let them send with QoS 1 (Frigate: mqtt.qos: 1)",
        ])
    }
    watchers.see(update, site: site.id, nowMs: nowMs)
    shown.note(update)
    relay.note(rows: update.outboxRows)
    if update.outboxDropped > 0 {
      status.update(site.id) { $0.outbox.dropped += Int64(update.outboxDropped) }
      logger.warning(
        "the outbox is full: its oldest rows are in the journal only",
        metadata: ["site": "\(site.id)", "rows": "\(update.outboxDropped)"])
    }
    for (camera, out) in update.service.sorted(by: { $0.key < $1.key }) {
      tell(camera: camera, outOfService: out)
    }
    for answer in update.answers { tell(answer, shown) }
  }

  private func tell(camera: String, outOfService out: OutOfService?) {
    guard let out else {
      logger.notice("camera is in service again", metadata: ["site": "\(site.id)", "camera": "\(camera)"])
      return
    }
    logger.notice(
      "camera is out of service: it has no alerts",
      metadata: [
        "site": "\(site.id)", "camera": "\(camera)", "by": "\(out.by)", "reason": "\(out.reason)",
        "until_ms": "\(out.untilMs.map(String.init) ?? "somebody says so")",
      ])
  }

  private func tell(_ answer: CommandProcessor.Answer, _ shown: AlertPublication) {
    // The topic was read with checked names, so it is a legal one to answer on.
    publishQueue.enqueue(
      .commandResult(
        rules.topics.commandResult(site: site.id, group: answer.group, name: answer.name), answer.payload))
    if let reply = answer.reply, ResponseTopic.isAllowed(reply.topic, root: rules.topics.root) {
      // Correlation data may be longer than a packet that the broker takes: then the answer goes without it.
      publishQueue.enqueue(
        .commandResult(reply.topic, answer.payload, correlationData: reply.correlationData),
        instead: reply.correlationData == nil ? nil : .commandResult(reply.topic, answer.payload))
    }
    switch answer.followUp {
    case .republish:
      shown.republish()
      publishQueue.markAllDue()
      publishQueue.flush()
    case .recompute(let fromMs, let toMs): recompute?(fromMs, toMs)
    case .logLevel(let level, let durationMs):
      watchers.threshold?.set(level, for: .milliseconds(durationMs))
      logger.notice("log level", metadata: ["level": "\(level)", "for_s": "\(durationMs / 1000)"])
    case nil: break
    }
  }

  /// What the engine adds up to, for /status: after every commit and as soon as a session begins.
  private func show(_ engine: SiteEngine) {
    let states = engine.lives.values.map(\.state)
    let cameras = engine.cameraRows
    let nowMs = clock.nowMs
    let careless = cameras.filter { $0.isAtMostOnce(atMs: nowMs) }.map(\.cameraID)
    let words =
      "\(careless.count == 1 ? "camera" : "cameras") \(Self.list(careless)) sent with QoS 0: what is sent while the bridge is "
      + "away is lost; let them send with QoS 1 (Frigate: mqtt.qos: 1)"
    status.update(site.id) { status in
      status.atMostOnceWarning = careless.isEmpty ? nil : words
      status.counters = engine.counters
      status.cameras = cameras
      status.alertsActive = states.count { $0.isActive }
      status.alertsPending = states.count { $0 == .pending }
    }
  }
}
