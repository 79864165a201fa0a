package import AndonCore
package import AndonRuntime
import AndonStore

/// What the bridge says of itself at an instant: the JSON of `/status`, and the shorter one of the bridge's
/// heartbeat topic.
package struct StatusDocument: Sendable {
  private let nowMs: Int64
  private let bridgeID: String
  private let startedAtMs: Int64
  private let sites: [SiteStatus]
  private let publisher: PublisherStatus
  private let config: ConfigStatus
  private let heartbeat: NotifyHeartbeatStatus?
  private let identityProvider: IdentityProviderStatus?
  private let central: CentralLinkStatus?
  private let fleet: FleetStatus?
  private let unlisted: [UnlistedSite]
  private let logLevel: String?
  private let process: ProcessUse.Sample
  private let total: OutcomeCounters

  /// Who reads it, and may not see everything.
  package struct Audience: Sendable {
    /// The sites that it may see; nil: all.
    var sites: Set<String>?
    var seesCameras: Bool
    /// Errors of the configuration may name other sites and files.
    var seesBridge: Bool

    package init(sites: Set<String>? = nil, seesCameras: Bool = true, seesBridge: Bool = true) {
      self.sites = sites
      self.seesCameras = seesCameras
      self.seesBridge = seesBridge
    }
  }

  private init(
    _ board: StatusBoard, for audience: Audience = Audience(), nowMs: Int64, logLevel: String? = nil,
    process: ProcessUse.Sample = .unknown
  ) {
    self.nowMs = nowMs
    bridgeID = board.bridgeID
    startedAtMs = board.startedAtMs
    sites = board.snapshot.filter { audience.sites?.contains($0.siteID) ?? true }.map { site in
      var shown = site
      if !audience.seesCameras { shown.cameras = [] }
      return shown
    }
    publisher = board.publisher
    var config = board.config
    if !audience.seesBridge || audience.sites != nil {
      config.error = config.error == nil ? nil : "an operator of all sites can see it"
    }
    self.config = config
    heartbeat = board.heartbeat
    central = audience.seesBridge ? board.central : nil
    fleet = audience.seesBridge && audience.sites == nil ? board.fleet : nil
    identityProvider = audience.seesBridge ? board.identityProvider : nil
    unlisted = audience.seesBridge && audience.sites == nil ? board.unlistedSites : []
    self.logLevel = logLevel
    self.process = process
    total = sites.reduce(into: OutcomeCounters()) { $0 += $1.counters }
  }

  package static func json(
    _ board: StatusBoard, for audience: Audience = Audience(), nowMs: Int64, logLevel: String? = nil,
    process: ProcessUse.Sample = .unknown
  ) -> [UInt8] {
    payload.json(
      StatusDocument(board, for: audience, nowMs: nowMs, logLevel: logLevel, process: process), capacity: 2048
    )
  }

  /// One site in short, for the event stream.
  package static func brief(_ status: SiteStatus, nowMs: Int64) -> [UInt8] {
    SiteStatus.briefPayload.json((status, nowMs))
  }

  /// The payload of the topic `_bridge/{bridge}/status`.
  package static func heartbeat(_ board: StatusBoard, nowMs: Int64) -> [UInt8] {
    heartbeatPayload.json(StatusDocument(board, nowMs: nowMs))
  }

  private var uptimeSeconds: Int64 { (nowMs - startedAtMs) / 1000 }

  private var troubledSites: [SiteStatus] { sites.filter { $0.trouble != nil } }

  private var isWell: Bool {
    troubledSites.isEmpty && publisher.connection.isConnected && publisher.refusal == nil
  }
}

// MARK: Payloads

extension StatusDocument {
  /// Of `/status`.
  package static let payload = PayloadTable<StatusDocument>(
    "The bridge.",
    [
      .required("bridge_id", .identifier("The bridge")) { $0.bridgeID },
      .required("version", .text("Its version")) { _ in AndonVersion.text },
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
      .required("uptime_s", .count("Seconds since its start")) { $0.uptimeSeconds },
      .required("online", .flag("Every site has its session, and the publisher its connection")) {
        $0.sites.allSatisfy(\.isConnected) && $0.publisher.connection.isConnected
      },
      .required("publisher", .object(PublisherStatus.payload)) { $0.publisher },
      .required("sites", .array(of: .object(SiteStatus.payload))) { document in
        document.sites.map { (site: $0, nowMs: document.nowMs) }
      },
      .required(
        "unlisted_sites", .array(of: .object(UnlistedSite.payload), most: UnlistedSite.limit)
      ) { $0.unlisted },
      .required("alerts", .object(alarms)) { $0 },
      .required("config", .object(ConfigStatus.payload)) { $0.config },
      .optional("heartbeat", .object(NotifyHeartbeatStatus.payload)) { $0.heartbeat },
      .optional("identity_provider", .object(IdentityProviderStatus.payload)) { $0.identityProvider },
      .optional("central", .object(CentralLinkStatus.payload)) { $0.central },
      .optional("fleet", .object(FleetStatus.payload)) { $0.fleet },
      .optional("log_level", .text("What is logged now")) { $0.logLevel },
      .required("process", .object(ProcessUse.Sample.payload)) { $0.process },
    ])

  private static let alarms = PayloadTable<StatusDocument>(
    "Alerts of all sites.",
    [
      .required("active", .count("Active")) { $0.sites.reduce(0) { $0 + $1.alarmsActive } },
      .required("pending", .count("Pending")) { $0.sites.reduce(0) { $0 + $1.alarmsPending } },
    ])

  /// The heartbeat names that many sites at most: it must stay a small message.
  private static let listedSites = 1000

  package static let heartbeatPayload = PayloadTable<StatusDocument>(
    "The bridge's own status, every 30 s.",
    .time { $0.nowMs },
    [
      .required("bridge_id", .identifier("The bridge")) { $0.bridgeID },
      .required("version", .text("Its version")) { _ in AndonVersion.text },
      .required("uptime_s", .count("Seconds since its start")) { $0.uptimeSeconds },
      .required("sites", .count("Sites it serves")) { $0.sites.count },
      .required(
        "site_ids", .array(of: .identifier("A site that it serves; the first 1000"), most: listedSites)
      ) { $0.sites.prefix(listedSites).map(\.siteID) },
      .required("sites_connected", .count("Those with a session")) { $0.sites.count(where: \.isConnected) },
      .required("publisher", .object(PublisherStatus.payload)) { $0.publisher },
      .required(
        "state", .words("degraded: some site, or the publisher, is in trouble", ["ok", "degraded"])
      ) { $0.isWell ? "ok" : "degraded" },
      .required("troubles", .array(of: .object(SiteStatus.troublePayload))) { $0.troubledSites },
    ], OutcomeCounters.payloadFields.of { $0.total })
}
