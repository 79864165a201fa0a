import AndonCore
import Foundation
import Logging
import Mosquitto

/// One site's way of the data, on one thread: receive, decode, store and fold in one transaction, publish what
/// changed, and only then let the acknowledgements leave.
///
/// There is one recovery path for a lost broker, a full disk and a bug alike: the connection is dropped with
/// its acknowledgements unsent, the batch is forgotten, the broker delivers again, and the identity key makes
/// the repetition harmless.
final class SiteLane: Sendable {
  private let site: SiteSettings
  private let rules: IngestRules
  private let connectionSettings: ConnectionSettings
  private let databasePath: String
  private let outgoing: Outgoing
  private let status: StatusBoard
  private let storeHolder: StoreHolder
  private let clock: WallClock
  private let logger: Logger
  private let wakeup: Wakeup
  private let signal: StopSignal

  init(
    site: SiteSettings, settings: Settings, password: String?, outgoing: Outgoing, status: StatusBoard,
    storeHolder: StoreHolder, clock: WallClock, logger: Logger
  ) throws {
    self.site = site
    rules = IngestRules(site: site, root: settings.topics.root)
    var connection = ConnectionSettings(
      settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-\(site.id)")
    connection.cleanStart = false
    connection.sessionExpirySeconds = settings.broker.sessionExpirySeconds
    connectionSettings = connection
    databasePath = settings.databasePath(site: site.id)
    self.outgoing = outgoing
    self.status = status
    self.storeHolder = storeHolder
    self.clock = clock
    self.logger = logger
    wakeup = try Wakeup()
    signal = try StopSignal(wakeup: wakeup)
  }

  /// Ends `run` after the batch in hand is committed and acknowledged.
  func stop() {
    signal.raise()
  }

  private var stopping: Bool { signal.raised }

  /// Blocks its thread until `stop`. Never throws: trouble is told, waited out and tried again.
  func run() {
    var backoff = Backoff()
    var random = SystemRandomNumberGenerator()
    let drift = DriftPublication(site: site, topics: rules.topics)
    while !stopping {
      do {
        let store = try openStore()
        try session(store, drift) { backoff.reset() }
      } catch {
        guard !stopping else { break }
        let wait = backoff.next(using: &random)
        note(trouble: "\(error)", retryMs: wait)
        signal.pause(milliseconds: wait)
      }
    }
    status.update(site.id) { $0.isConnected = false }
  }

  /// The open store, or a fresh try to open it.
  private func openStore() throws -> SiteStore {
    if let store = storeHolder.store { return store }
    let store = try SiteStore.openForWriting(path: databasePath, siteID: site.id)
    storeHolder.store = store
    return store
  }

  private func note(trouble: String, retryMs: Int64) {
    let previous = status.snapshot.first { $0.siteID == site.id }?.trouble
    status.update(site.id) { status in
      status.isConnected = false
      status.trouble = trouble
    }
    // The same trouble again is news for nobody: it stays visible in /status.
    let level: Logger.Level = previous == trouble ? .debug : .warning
    logger.log(
      level: level, "site is held",
      metadata: ["site": "\(site.id)", "error": "\(trouble)", "retry_ms": "\(retryMs)"])
  }

  /// One connection's life, from CONNECT until it is lost or `stop` was called.
  private func session(_ store: SiteStore, _ drift: DriftPublication, onConnected: () -> Void) throws {
    let connection = try Connection(connectionSettings)
    var turn = LaneTurn(
      rules: rules, store: store,
      engine: try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift)), clock: clock)
    show(turn.engine)
    try connection.connect()
    let batch = MessageBatch()
    var wantedMs: Int32 = 0
    while !stopping {
      let ready = poll(
        socket: connection.socket, wantsWrite: connection.wantsWrite, wakeup: wakeup,
        timeoutMilliseconds: wantedMs)
      if ready.woken { wakeup.drain() }
      let outcome = try connection.receive(
        into: batch, until: .init(messages: site.limits.batchMessages, bytes: site.limits.batchBytes))
      try follow(connection.takeEvents(), connection, onConnected: onConnected)
      if let update = try turn.commit(batch) { tell(update, turn.engine, drift) }
      batch.removeAll()
      // Everything received so far is on disk: from here on the acknowledgements may leave.
      try connection.flush()
      try connection.keepAlive()
      drift.publishDue(turn.engine.driftRules, to: outgoing, nowMs: clock.nowMs)
      wantedMs = outcome == .full ? 0 : 250
    }
    connection.disconnect()
  }

  private func follow(
    _ events: [ConnectionEvent], _ connection: borrowing Connection, onConnected: () -> Void
  ) throws {
    let filters = [
      rules.topics.eventFilter(site: site.id), rules.topics.cameraStatusFilter(site: site.id),
    ]
    for event in events {
      switch event {
      case .connected(let sessionPresent, let reason):
        guard reason == 0 else { throw RefusedConnection(reason: reason) }
        status.update(site.id) { $0.sessionPresent = sessionPresent }
        logger.info(
          "site has its session", metadata: ["site": "\(site.id)", "session_present": "\(sessionPresent)"])
        // The camera's retained status is wanted, retained events are not: hence one call each.
        try connection.subscribe([filters[0]], qos: 1, retainHandling: .never)
        try connection.subscribe([filters[1]], qos: 1, retainHandling: .always)
        onConnected()
      case .subscribed(_, let granted):
        guard granted.allSatisfy({ $0 < 0x80 }) else {
          throw RefusedSubscription(filters: filters, codes: granted)
        }
        status.update(site.id) { status in
          status.isConnected = true
          status.trouble = nil
        }
      case .disconnected(let reason, let text):
        throw LostConnection(reason: reason, text: text)
      case .published, .log:
        break
      }
    }
  }

  private func tell(_ update: SiteEngine.Update, _ engine: SiteEngine, _ drift: DriftPublication) {
    let nowMs = clock.nowMs
    show(engine)
    status.update(site.id) { status in
      status.lastCommitMs = nowMs
      status.lagMs = update.newestTimestampMs.map { nowMs - $0 }
    }
    for (camera, rejection) in update.rejections where !camera.isEmpty {
      if let notice = drift.rejectNotice(rejection, camera: camera, nowMs: nowMs) {
        outgoing.enqueue(.reject(rules.topics.reject(site: site.id, camera: camera), notice))
      }
    }
    drift.noteChanged(update.driftedKeys)
  }

  /// What the engine adds up to, for /status: after every commit and as soon as a session begins.
  private func show(_ engine: SiteEngine) {
    let states = engine.driftRules.values.map(\.state)
    status.update(site.id) { status in
      status.counters = engine.counters
      status.cameras = engine.cameras.values.sorted { $0.cameraID < $1.cameraID }
      status.alertsActive = states.count { if case .active = $0 { true } else { false } }
      status.alertsPending = states.count { if case .pending = $0 { true } else { false } }
    }
  }
}
