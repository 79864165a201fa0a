import AndonCore
import AndonIngest
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore
import Logging
import Synchronization

/// Writes what one site's ingest loop does and finds to the status board, and logs once what a person should
/// know.
final class SiteStatusReporter: Sendable {
  private let siteID: String
  private let status: StatusBoard
  private let storeReference: StoreReference
  private let clock: WallClock
  private let logger: Logger
  private let hasReportedForeignSite = Mutex(false)
  /// Cameras and reasons whose first rejection was logged.
  private let reportedRejections = Mutex<Set<String>>([])
  private static let rejectionLimit = 64

  init(siteID: String, _ parts: IngestLoopParts) {
    self.siteID = siteID
    status = parts.status
    storeReference = parts.storeReference
    clock = parts.clock
    logger = parts.logger
  }

  // MARK: Health and connection

  func report(_ health: SiteHealth, isConnected: Bool? = nil) {
    status.update(siteID) { status in
      status.health = health
      if let isConnected { status.isConnected = isConnected }
    }
  }

  /// Logs what made the site wait. The same trouble again is logged at `debug`: it stays visible in /status.
  func report(_ retry: SiteHealth.Retry, _ health: SiteHealth) {
    let level: Logger.Level = !retry.isNews ? .debug : health.state == .failed ? .error : .warning
    logger.log(
      level: level, "site is \(health.state.rawValue)",
      metadata: [
        "site": "\(siteID)", "error": "\(health.reason ?? "")", "retry_ms": "\(retry.waitMs)",
      ])
  }

  func reportDisconnected() { status.update(siteID) { $0.isConnected = false } }

  func report(sessionPresent: Bool) {
    status.update(siteID) { $0.sessionPresent = sessionPresent }
    logger.info(
      "site has its session", metadata: ["site": "\(siteID)", "session_present": "\(sessionPresent)"])
  }

  /// Many brokers do not let clients read $SYS: then their drops cannot be known, which is logged once.
  func report(brokerCountersRefused isRefused: Bool) {
    let words =
      isRefused
      ? "the broker does not let this site read \(IngestBatch.brokerDroppedTopic): messages that it drops because a "
        + "queue is full stay unseen" : nil
    guard status.site(siteID)?.note != words else { return }
    status.update(siteID) { $0.note = words }
    if let words {
      logger.notice("broker's counters refused", metadata: ["site": "\(siteID)", "note": "\(words)"])
    }
  }

  // MARK: Commits

  /// What the engine adds up to: after every commit and as soon as a session begins.
  func report(_ engine: SiteEngine) {
    let (counters, completion) = (engine.counters, completion(engine))
    status.update(siteID) { status in
      status.counters = counters
      status.completion = completion
    }
  }

  /// Lists the cameras and counts the alarms for a reader. With a thousand cameras that costs more than a commit.
  private func completion(_ engine: SiteEngine) -> @Sendable (inout SiteStatus) -> Void {
    let (table, machines, nowMs) = (engine.cameraList, engine.machines, clock.nowMs)
    return { status in
      let cameras = table.rows
      let atMostOnce = cameras.filter { $0.isAtMostOnce(atMs: nowMs) }.map(\.cameraID)
      let words =
        "\(atMostOnce.count == 1 ? "camera" : "cameras") \(NameList.text(atMostOnce)) sent with QoS 0: what is sent while "
        + "the bridge is away is lost; let them send with QoS 1 (Frigate: mqtt.qos: 1)"
      status.atMostOnceWarning = atMostOnce.isEmpty ? nil : words
      status.cameras = cameras
      status.add(gapsOf: cameras)
      status.alarmsActive = machines.values.count { $0.state.isActive }
      status.alarmsPending = machines.values.count { $0.state == .pending }
    }
  }

  /// What a commit changed, and the engine after it.
  func report(_ update: SiteEngine.Update, _ engine: SiteEngine, nowMs: Int64) {
    report(engine)
    if update.counters != OutcomeCounters() {
      status.update(siteID) { status in
        status.lastCommitMs = nowMs
        status.lagMs = update.newestTimestampMs.map { nowMs - $0 }
      }
    }
    reportForeignSite(update)
    reportRejections(update)
    if !update.atMostOnce.isEmpty {
      logger.warning(
        "cameras send with QoS 0: what they send while the bridge is away is lost",
        metadata: [
          "site": "\(siteID)", "cameras": "\(NameList.text(update.atMostOnce.sorted()))",
          "remedy": "let them send with QoS 1 (Frigate: mqtt.qos: 1)",
        ])
    }
    if update.outboxDropped > 0 {
      status.update(siteID) { $0.outbox.dropped += Int64(update.outboxDropped) }
      logger.warning(
        "the outbox is full: its oldest rows are in the journal only",
        metadata: ["site": "\(siteID)", "rows": "\(update.outboxDropped)"])
    }
    if update.notifications.dropped > 0 {
      status.update(siteID) { $0.notify.dropped += Int64(update.notifications.dropped) }
      logger.warning(
        "too many notifications wait: the oldest are in the journal only",
        metadata: ["site": "\(siteID)", "rows": "\(update.notifications.dropped)"])
    }
    for (camera, out) in update.service.sorted(by: { $0.key < $1.key }) {
      report(camera: camera, outOfService: out)
    }
  }

  /// Routes that left the configuration while something waited for them.
  func report(goneRoutes: [String: Int]) {
    for (route, rows) in goneRoutes.sorted(by: { $0.key < $1.key }) {
      status.update(siteID) { $0.notify.dropped += Int64(rows) }
      logger.warning(
        "a route left the configuration: what waited for it is not sent",
        metadata: ["site": "\(siteID)", "route": "\(route)", "rows": "\(rows)"])
    }
  }

  /// The first rejection of each camera and reason in the life of the ingest loop. What came is not logged: it may name
  /// a worker.
  private func reportRejections(_ update: SiteEngine.Update) {
    for (camera, rejection) in update.rejections where rejection.code != .unlistedSite {
      let isNews = reportedRejections.withLock { known in
        known.count < Self.rejectionLimit && known.insert("\(camera)/\(rejection.code.rawValue)").inserted
      }
      guard isNews else { continue }
      logger.warning(
        "an event is rejected; further ones of this camera and reason are only counted",
        metadata: [
          "site": "\(siteID)", "camera": "\(camera)", "code": "\(rejection.code.rawValue)",
          "field": "\(rejection.field ?? "")",
          "what_to_do":
            "andon quarantine list --site \(siteID) shows what came; correct the camera or its mapping",
        ])
    }
  }

  /// Messages of another site, once in the life of the ingest loop.
  private func reportForeignSite(_ update: SiteEngine.Update) {
    guard let foreign = update.rejections.first(where: { $0.rejection.code == .unlistedSite }),
      !hasReportedForeignSite.withLock({ hasReported in
        defer { hasReported = true }
        return hasReported
      })
    else { return }
    logger.warning(
      "messages of another site are rejected",
      metadata: ["site": "\(siteID)", "detail": "\(foreign.rejection.detail)"])
  }

  private func report(camera: String, outOfService out: OutOfService?) {
    guard let out else {
      logger.notice("camera is in service again", metadata: ["site": "\(siteID)", "camera": "\(camera)"])
      return
    }
    logger.notice(
      "camera is out of service: it has no alerts",
      metadata: [
        "site": "\(siteID)", "camera": "\(camera)", "by": "\(out.by)", "reason": "\(out.reason)",
        "until_ms": "\(out.untilMs.map(String.init) ?? "somebody says so")",
      ])
  }

  // MARK: Gaps

  /// Logs new gaps, those of cameras in one line, and shows the newest ones.
  func report(gaps: [GapRow]) {
    guard !gaps.isEmpty else { return }
    let ofCameras = gaps.filter { !$0.cameraID.isEmpty }
    if let first = ofCameras.first {
      logger.warning(
        "events may be missing",
        metadata: [
          "site": "\(siteID)", "cause": "\(first.cause.rawValue)", "from_ms": "\(first.fromMs)",
          "to_ms": "\(first.toMs)", "cameras": "\(NameList.text(ofCameras.map(\.cameraID)))",
          "detail": "\(first.detail)",
        ])
    }
    for gap in gaps where gap.cameraID.isEmpty {
      logger.warning(
        gap.cause.mayMissEvents ? "events may be missing" : "the clock stepped",
        metadata: [
          "site": "\(siteID)", "cause": "\(gap.cause.rawValue)", "from_ms": "\(gap.fromMs)",
          "to_ms": "\(gap.toMs)", "detail": "\(gap.detail)",
        ])
    }
    reportGapsOfFile()
  }

  /// Shows the newest gaps that are in the file.
  func reportGapsOfFile() {
    guard let gaps = try? storeReference.store?.gaps(newest: SiteStatus.gapLimit) else { return }
    status.update(siteID) { $0.gaps = gaps }
  }

  // MARK: Findings of the monitors

  func report(_ finding: ClockMonitor.Finding) {
    switch finding {
    case .warning(let words): status.update(siteID) { $0.clockWarning = words }
    case .gaps(let gaps): report(gaps: gaps)
    case .changed(let change, let warning):
      let wasDoubted = status.site(siteID)?.clockWarning != nil
      status.update(siteID) { $0.clockWarning = warning }
      report(change, wasDoubted: wasDoubted, warning: warning)
    }
  }

  private func report(_ change: ClockTrust.Change, wasDoubted: Bool, warning: String?) {
    switch change {
    case .contradicted:
      logger.warning(
        "the clock is in doubt", metadata: ["site": "\(siteID)", "reason": "\(warning ?? "")"])
    case .proven where wasDoubted:
      logger.notice("the cameras agree with the clock again", metadata: ["site": "\(siteID)"])
    case .timeIsUp where wasDoubted:
      logger.warning(
        "the clock is believed again, though no majority of cameras bore it out",
        metadata: ["site": "\(siteID)"])
    case .proven, .timeIsUp: break
    }
  }

  /// What runs out slowly. How many rows the outbox has is shown with it.
  func report(_ findings: ResourceMonitor.Findings) {
    if let space = findings.space { report(space) }
    if let rows = try? storeReference.store?.outboxCount() {
      status.update(siteID) { $0.outbox.rows = rows }
    }
    let words = findings.certificate?.words
    status.update(siteID) { $0.certificateWarning = words }
    if let words, findings.certificate?.isNews == true {
      logger.warning("certificate expires", metadata: ["site": "\(siteID)", "warning": "\(words)"])
    }
  }

  private func report(_ space: DiskSpaceMonitor.Finding) {
    let wasLow = status.site(siteID)?.spaceWarning != nil
    switch space {
    case .sufficient: status.update(siteID) { $0.spaceWarning = nil }
    case .low(let words):
      status.update(siteID) { $0.spaceWarning = words }
      guard !wasLow else { return }
      logger.warning("disk is filling up", metadata: ["site": "\(siteID)", "warning": "\(words)"])
    }
  }

  /// Logs when the broker begins or ceases to refuse what the outbox has.
  func report(_ relay: OutboxRelay, _ store: SiteStore) {
    let refusals = relay.refusals
    let reported = relay.reported
    let words = relay.refusalWords(site: siteID)
    guard reported?.refusals != refusals || reported?.words != words else { return }
    relay.reported = (refusals, words)
    let rows = try? store.outboxCount()
    status.update(siteID) { status in
      status.outbox.refused = refusals
      status.outbox.refusal = words
      status.outbox.rows = rows ?? status.outbox.rows
    }
    if words == nil, reported?.words != nil {
      logger.notice("the broker takes alert_event again", metadata: ["site": "\(siteID)"])
    } else if let words, reported?.words == nil {
      logger.warning("alerts wait in the outbox", metadata: ["site": "\(siteID)", "reason": "\(words)"])
    }
  }
}
