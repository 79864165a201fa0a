import AndonCore

/// What endpoints may use: readers and snapshots, and one way in for events and one for commands.
final class APIServices: Sendable {
  let settings: Settings
  let board: StatusBoard
  let hub: StreamHub
  let alerts: AlertDesk
  let metrics: BridgeMetrics
  let clock: WallClock
  let cache = ReplyCache()
  let process: ProcessUse
  private let readers: [String: SiteReader]
  private let mailboxes: [String: IngestMailbox]
  private let sites: [String: SiteSettings]

  init(
    settings: Settings, board: StatusBoard, hub: StreamHub, alerts: AlertDesk, metrics: BridgeMetrics,
    mailboxes: [String: IngestMailbox], clock: WallClock
  ) {
    self.settings = settings
    self.board = board
    self.hub = hub
    self.alerts = alerts
    self.metrics = metrics
    self.mailboxes = mailboxes
    self.clock = clock
    process = ProcessUse(dataDirectory: settings.bridge.dataDirectory)
    sites = Dictionary(uniqueKeysWithValues: settings.sites.map { ($0.id, $0) })
    readers = sites.mapValues { SiteReader(siteID: $0.id, path: settings.databasePath(site: $0.id)) }
  }

  /// The site that a request names.
  func site(_ request: APIRequest) throws(Problem) -> SiteSettings {
    let id = request.word("site")
    guard let site = sites[id] else {
      throw .notFound("this bridge has no site \"\(id)\"", code: "unknown_site")
    }
    return site
  }

  func read<Result: Sendable>(
    _ site: SiteSettings, _ body: @escaping @Sendable (SiteStore) throws -> Result
  ) async throws -> Result {
    guard let reader = readers[site.id] else { throw Problem.notFound("no such site", code: "unknown_site") }
    return try await reader.read(body)
  }

  func mailbox(of site: SiteSettings) throws(Problem) -> IngestMailbox {
    guard let mailbox = mailboxes[site.id] else { throw .notFound("no such site", code: "unknown_site") }
    return mailbox
  }
}
