package import AndonConfiguration
import AndonCore
package import AndonIngest
package import AndonRuntime
package import AndonStatus
package import AndonStore
package import Logging

/// What endpoints may use: read access to stores and snapshots, the queue for events and the queue for
/// commands.
package final class APIServices: Sendable {
  package let settings: Settings
  package let board: StatusBoard
  package let hub: EventBroadcaster
  package let metrics: BridgeMetrics
  package let clock: WallClock
  package let cache: ReplyCache
  package let threshold: LogThreshold?
  package let log: Logger
  package let process: ProcessUse
  package let refusals: HTTPRefusals
  /// Of `andon overview`; nil in a bridge.
  package let fleet: FleetServices?
  private let directory: SiteDirectory

  package init(
    settings: Settings, board: StatusBoard, hub: EventBroadcaster, metrics: BridgeMetrics,
    directory: SiteDirectory,
    cache: ReplyCache, threshold: LogThreshold?, clock: WallClock, logger: Logger, fleet: FleetServices? = nil
  ) {
    self.fleet = fleet
    self.settings = settings
    self.board = board
    self.hub = hub
    self.metrics = metrics
    self.directory = directory
    self.cache = cache
    self.threshold = threshold
    log = logger
    refusals = HTTPRefusals(clock: clock, logger: logger)
    self.clock = clock
    process = ProcessUse(dataDirectory: settings.bridge.dataDirectory)
  }

  /// What the listener answers.
  var endpoints: [Endpoint] { fleet == nil ? Endpoint.all : Endpoint.ofOverview }

  var theFleet: FleetServices {
    get throws(Problem) {
      guard let fleet else { throw .notFound("this is a bridge; andon overview has that") }
      return fleet
    }
  }

  /// The running sites, in the order of the configuration.
  package var sites: [SiteSettings] { directory.all.map(\.settings) }

  /// The site that a request names.
  package func site(_ request: APIRequest) throws(Problem) -> SiteSettings {
    let id = request.word("site")
    guard let entry = directory[id] else {
      throw .unknownSite(id)
    }
    return entry.settings
  }

  package func read<Result: Sendable>(
    _ site: SiteSettings, _ body: @escaping @Sendable (SiteStore) throws -> Result
  ) async throws -> Result {
    guard let entry = directory[site.id] else { throw Problem.notFound("no such site", code: "unknown_site") }
    do {
      return try await entry.reader.read(body)
    } catch let gone as FiguresGone {
      throw Problem(status: 409, code: "events_deleted", detail: "\(gone)")
    }
  }

  /// The access log of a site.
  func accessLog(of site: String) throws(Problem) -> AccessLog {
    guard let entry = directory[site] else { throw .unknownSite(site) }
    return entry.accessLog
  }

  /// The calendars with the changes by command; as configured while the site's file cannot be read.
  func calendars(of site: SiteSettings) async -> SiteCalendars {
    guard site.hasShifts else { return SiteCalendars(site) }
    return (try? await read(site) { try $0.calendars(of: site) }) ?? SiteCalendars(site)
  }

  package func httpQueue(of site: SiteSettings) throws(Problem) -> HTTPIngestQueue {
    guard let entry = directory[site.id] else { throw .notFound("no such site", code: "unknown_site") }
    return entry.httpQueue
  }

  /// The command queue of a site.
  package func requests(of site: SiteSettings) throws(Problem) -> SiteCommandQueue {
    guard let entry = directory[site.id] else { throw .notFound("no such site", code: "unknown_site") }
    return entry.requests
  }
}
