import AndonStore

/// Finds the stretches of time in which events may be missing: lost sessions, messages that the broker dropped,
/// steps of the clock. Keeps the file's progress, from which it tells where such a stretch began.
struct GapTracker: Sendable {
  /// The file's progress, as of the last commit.
  private(set) var progress: StoreProgress
  /// Up to when nothing was missing as the engine started. What the broker dropped before its first report in this
  /// run lies behind that.
  private let safeBeforeMs: Int64?
  private var hasDropReport = false
  /// The broker reports its drops at most that late.
  private static let dropReportDelayMs: Int64 = 60_000
  /// A broker that restarts is back within this time. If the site was away for longer before the broker's start,
  /// the broker may have run meanwhile.
  private static let restartMs: Int64 = 5_000
  /// The broker tells its uptime in seconds.
  private static let uptimeErrorMs: Int64 = 1_000

  init(_ progress: StoreProgress) {
    self.progress = progress
    safeBeforeMs = progress.lastSafeMs
  }

  /// The broker delivered an event that was not rejected. A broker delivers in order, so everything published
  /// before the event has arrived. An event that was posted or replayed says nothing about that.
  mutating func recordDelivered(timestampMs: Int64, nowMs: Int64) {
    progress.newestEventMs = max(progress.newestEventMs ?? .min, min(timestampMs, nowMs))
  }

  /// The batch has messages of the broker.
  mutating func recordReceived(nowMs: Int64) {
    progress.heardAtMs = nowMs
    recordContact(untilMs: nowMs)
  }

  /// Whether contact until then would move the time up to which the count is known by a second or more.
  func isNews(contactUntilMs untilMs: Int64) -> Bool {
    hasDropReport && progress.brokerDroppedAtMs.map { untilMs - $0 >= 1_000 } ?? true
  }

  /// The broker was there until then. Once it has reported its count on this connection, the count is known until
  /// then: it reports each change.
  private mutating func recordContact(untilMs: Int64) {
    if hasDropReport { progress.brokerDroppedAtMs = max(progress.brokerDroppedAtMs ?? .min, untilMs) }
  }

  mutating func recordCommit(nowMs: Int64) { progress.committedAtMs = nowMs }

  /// Returns the gaps that are known now.
  mutating func apply(_ change: SessionChange, cameras: some Sequence<CameraRow>) -> [GapRow] {
    switch change {
    case .connecting: progress.isConnecting = true
    case .notConnected: progress.isConnecting = false
    case .missing(let cause):
      // If there was a session before, what came since is lost. How long that time was is known once the site has
      // subscribed again, and a crash before that must not hide it.
      progress.lostSinceMs = progress.lostSinceMs ?? progress.lastSafeMs
      progress.lostCause = cause
      progress.sessionSinceMs = nil
    case .subscribed(let nowMs): return recordSubscribed(cameras, nowMs: nowMs)
    case .contactEnded(let atMs): recordContact(untilMs: atMs)
    case .clockStepped(let fromMs, let toMs):
      // Otherwise the next start would report the step again.
      progress.committedAtMs = progress.committedAtMs.map { min($0, toMs) }
      progress.newestEventMs = progress.newestEventMs.map { min($0, toMs) }
      progress.brokerDroppedAtMs = progress.brokerDroppedAtMs.map { min($0, toMs) }
      return [
        GapRow(
          cause: .clockStep, fromMs: fromMs, toMs: toMs, notedAtMs: toMs,
          detail: "the bridge's clock stepped by \(toMs - fromMs) ms; events carry the cameras' time")
      ]
    }
    return []
  }

  /// What was lost with the session, and what cameras sent with QoS 0, ends here.
  private mutating func recordSubscribed(_ cameras: some Sequence<CameraRow>, nowMs: Int64) -> [GapRow] {
    var gaps: [GapRow] = []
    if let lostSinceMs = progress.lostSinceMs {
      gaps.append(
        GapRow(
          cause: progress.lostCause, fromMs: lostSinceMs, toMs: nowMs, notedAtMs: nowMs,
          detail: Self.detail(lost: progress.lostCause)))
    }
    let heardAtMs = progress.heardAtMs ?? 0
    for camera in cameras.sorted(by: { $0.cameraID < $1.cameraID })
    where camera.isAtMostOnce(atMs: heardAtMs) {
      gaps.append(
        GapRow(
          cause: .atMostOnce, cameraID: camera.cameraID, fromMs: heardAtMs, toMs: nowMs,
          notedAtMs: nowMs,
          detail:
            "the camera sends with QoS 0, which no broker keeps for a bridge that is away: let it send with "
            + "QoS 1 (Frigate: mqtt.qos: 1)"))
    }
    progress.lostSinceMs = nil
    progress.isConnecting = false
    progress.sessionSinceMs = progress.sessionSinceMs ?? nowMs
    return gaps
  }

  private static func detail(lost cause: GapRow.Cause) -> String {
    switch cause {
    case .sessionDoubtful:
      "a CONNECT had no answer, so the session may be a new one: then what came meanwhile is lost; if the broker "
        + "had kept the old one, nothing is missing"
    case .subscriptionRefused:
      "the broker did not grant the subscription to events with QoS 1: what came meanwhile it may have kept for nobody"
    default:
      "the broker had forgotten the session (expired, broker restarted without persistence, or removed); what came "
        + "meanwhile is lost"
    }
  }

  /// The broker reported how many messages it has dropped. Returns a gap when the count rose; it does not say whose
  /// messages they were. Returns another when the broker restarted while the site was away: then it has forgotten
  /// what it counted before.
  mutating func recordDropped(_ count: Int64, brokerStartedAtMs: Int64?, nowMs: Int64) -> [GapRow] {
    defer {
      progress.brokerDropped = count
      progress.brokerDroppedAtMs = nowMs
      hasDropReport = true
    }
    guard let knownAtMs = progress.brokerDroppedAtMs else { return [] }
    // A broker that restarted counts from 0 again.
    let hasRestarted =
      count < progress.brokerDropped || brokerStartedAtMs.map { $0 > knownAtMs } ?? false
    var gaps: [GapRow] = []
    if hasRestarted, !hasDropReport, let brokerStartedAtMs {
      gaps += forgottenDrops(from: knownAtMs, to: min(brokerStartedAtMs, nowMs), nowMs: nowMs)
    }
    let rise = hasRestarted ? count : count - progress.brokerDropped
    guard rise > 0 else { return gaps }
    // The drop happened after the previous report, and after the last moment of which nothing is missing.
    let safeMs = hasDropReport ? progress.lastSafeMs : safeBeforeMs
    let fromMs = max(knownAtMs, safeMs ?? knownAtMs) - Self.dropReportDelayMs
    gaps.append(
      GapRow(
        cause: .queueOverflow, fromMs: min(nowMs, fromMs), toMs: nowMs, notedAtMs: nowMs,
        detail: "the broker dropped \(rise) messages because a queue was full; it does not say whose queue"))
    return gaps
  }

  /// The time from the last known count to the broker's restart, if it is too long to be the restart itself.
  private func forgottenDrops(from knownAtMs: Int64, to startedAtMs: Int64, nowMs: Int64) -> [GapRow] {
    guard startedAtMs - knownAtMs > Self.restartMs else { return [] }
    return [
      GapRow(
        cause: .dropsUnknown, fromMs: knownAtMs - Self.dropReportDelayMs,
        toMs: min(nowMs, startedAtMs + Self.uptimeErrorMs), notedAtMs: nowMs,
        detail:
          "the broker restarted while the site was not connected: it no longer says whether a full queue made it drop "
          + "messages before; if the broker was down all that time, or no queue was full, nothing is missing")
    ]
  }

  /// Counts the commit and writes the progress. Call last in each transaction.
  mutating func save(in transaction: StoreTransaction) throws {
    progress.sequence += 1
    try transaction.save(progress)
  }
}
