@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// `/status`, the brief form of a site on the event stream, and the heartbeat.
enum StatusSamples {
  private struct Refused: Error {}

  private struct RefusingQueue: PublishQueueStatus {
    var depth: Int { 3 }
    var refusedCount: Int64 { 4 }
    func refusalWords(nowMs: Int64) -> String? { "the broker refuses \"kpi/#\"" }
  }

  private static let nowMs = PayloadSamples.nowMs

  private static var connection: ConnectionStatus {
    var random = SystemRandomNumberGenerator()
    var health = ConnectionHealth(address: "broker:1883")
    _ = health.lost(Refused(), monotonicMs: 1, using: &random)
    var status = ConnectionStatus(nowMs: 1, monotonicMs: 1)
    status.record(health, nowMs: 2, monotonicMs: 2)
    return status
  }

  /// A site with everything that `/status` can say of one.
  static var site: SiteStatus {
    var random = SystemRandomNumberGenerator()
    var status = SiteStatus(siteID: "plant-a")
    _ = status.health.trouble(
      SiteFailure(kind: .held, words: "disk full"), nowMs: 5, monotonicMs: 5, using: &random)
    (status.isConnected, status.sessionPresent, status.lastCommitMs, status.lagMs) = (true, true, 6, -7)
    (status.spaceWarning, status.note) = ("little space", "news")
    status.gaps = [
      GapRow(cause: .atMostOnce, cameraID: "cam-01", fromMs: 1, toMs: 2, notedAtMs: 3, detail: "d"),
      GapRow(cause: .clockStep, fromMs: 1, toMs: 2, notedAtMs: 3, detail: "d"),
    ]
    for (index, entry) in OutcomeCounters.names.enumerated() {
      status.counters[keyPath: entry.path] = Int64(index)
    }
    status.cameras = [
      CameraRow(
        cameraID: "cam-01", events: 1, lastEventMs: 2, lastReceivedMs: 3, status: .online,
        outOfService: OutOfService(sinceMs: 4, untilMs: 5, by: "m.rossi", reason: "lens"), qos0Received: 6,
        lastQoS0Ms: nowMs),
      CameraRow(
        cameraID: "cam-02", events: 0, lastEventMs: nil, lastReceivedMs: nil, status: .unknown,
        outOfService: OutOfService(sinceMs: 4, by: "m.rossi", reason: "lens")),
      CameraRow(cameraID: "cam-03", events: 1, lastEventMs: 2, lastReceivedMs: 3, status: .offline),
    ]
    (status.alarmsActive, status.alarmsPending) = (8, 9)
    (status.outbox.rows, status.outbox.refused, status.outbox.dropped) = (10, 11, 12)
    status.outbox.refusal = "refused"
    var route = NotifyStatus.Route(id: "oncall", kind: "webhook", address: "https://hooks.example")
    (route.waiting, route.oldestMs, route.escalating, route.delivered) = (26, 27, 28, 29)
    (route.failures, route.refused, route.deliveredMs, route.failingSinceMs) = (30, 31, 32, 33)
    (route.error, route.note) = ("answered 503", "a recipient was refused")
    (status.notify.routes, status.notify.dropped) = ([route, .init(id: "b", kind: "smtp", address: "?")], 34)
    (status.retention.cutoffMs, status.retention.deleted, status.retention.lastDeletedAtMs) = (13, 14, 15)
    (status.retention.heldForMs, status.retention.reason) = (16_999, "clock")
    (status.sparkplug, status.sparkplugUnreadable) = (connection, 17)
    var central = SiteCentralStatus()
    (central.state, central.heldBy, central.error) = (.fenced, "bridge-02", "disk I/O error")
    (central.behindSinceMs, central.backlogBytes, central.backlogLimitBytes) = (37, 38, 39)
    (central.backfills, central.refusedRows, central.regressedMs) = (40, 41, 42)
    central.epoch = 45
    status.central = central
    (status.damage.found, status.damage.repaired, status.damage.lastMs) = (18, 19, 20)
    status.damage.quarters = [21, 22]
    status.audit = .init(lastMs: 23, pairs: 24, mismatches: 25)
    return status
  }

  private static func board(_ site: SiteStatus?, isTroubled: Bool) -> StatusBoard {
    let board = StatusBoard(
      bridgeID: "b1", siteIDs: [], startedAtMs: 1000, clock: WallClock { 1 }, monotonic: MonotonicClock { 1 })
    if let site { board.set(site) }
    guard isTroubled else { return board }
    var random = SystemRandomNumberGenerator()
    var health = ConnectionHealth(address: "broker:1883")
    _ = health.lost(Refused(), monotonicMs: 1, using: &random)
    board.updatePublisher(health)
    board.heartbeat = NotifyHeartbeatStatus(address: "https://switch.example")
    board.heartbeat?.sentMs = 35
    board.heartbeat?.error = "answered 500"
    board.identityProvider = IdentityProviderStatus(
      address: "https://idp.example", keys: 2, readMs: 36, error: "answered 500")
    var link = CentralLinkStatus(place: "pg1/andon", connections: 1)
    (link.connected, link.shippedRows, link.unknownOutcomes) = (1, 43, 44)
    board.updateCentral(0, link)
    link.error = "connection refused"
    board.updateCentral(1, link)
    var fleet = FleetStatus()
    (fleet.isMember, fleet.isDraining, fleet.isResting) = (true, true, true)
    (fleet.bridges, fleet.held, fleet.unowned, fleet.unownedSites) = (46, 47, 48, ["plant-b"])
    board.fleet = fleet
    _ = board.record(
      UnlistedSite(siteID: "plant-x", topic: "andon/v1/plant-x/camera/c/event", firstMs: 1, lastMs: 2))
    board.observe(RefusingQueue())
    board.updateConfig {
      $0.error = "line 3"
      $0.needsRestart = ["http.listen", "bridge.id"]
    }
    return board
  }

  static func all() -> [PayloadSamples.Sample] {
    let use = ProcessUse.Sample(
      cpuMs: 1, residentBytes: 2, diskFreeBytes: 3, diskBytes: 4, storeBytes: 5, openFiles: 6)
    let (full, bare) = (
      board(site, isTroubled: true), board(SiteStatus(siteID: "plant-a"), isTroubled: false)
    )
    return [
      .init(
        schema: "status",
        full: [StatusDocument.json(full, nowMs: nowMs, logLevel: "info", process: use)],
        bare: StatusDocument.json(bare, nowMs: nowMs, process: use)),
      .init(
        schema: "site_status", full: [StatusDocument.brief(site, nowMs: nowMs)],
        bare: StatusDocument.brief(SiteStatus(siteID: "plant-a"), nowMs: nowMs)),
      .init(
        schema: "heartbeat", full: [StatusDocument.heartbeat(full, nowMs: nowMs)],
        bare: StatusDocument.heartbeat(board(nil, isTroubled: false), nowMs: nowMs)),
    ]
  }
}
