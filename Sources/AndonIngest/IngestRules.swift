package import AndonConfiguration
package import AndonCore
package import AndonPrivacy
package import AndonStore

/// The settings that decide an event's outcome at one site: a value, so that a batch is judged by one set of
/// rules.
package struct IngestRules: Sendable {
  package var siteID: String
  /// The source of `data_gap`.
  package var bridgeID = "bridge"
  package var topics: TopicNames
  package var decoder: EventDecoder
  package var minConfidencePpm: Int32
  package var stateTimeoutMs: Int64
  package var maxAgeMs: Int64
  package var maxFutureMs: Int64
  package var assumeUTC: Bool
  package var limits: LimitSettings
  /// An alarm that is raised again later than this after its clear pages again.
  package var reannounceAfterMs: Int64
  /// How long summaries and the rows of cameras may lag behind the events, milliseconds; 0: each transaction writes
  /// them. Only MQTT messages wait: events over HTTP, commands and replays are flushed with their transaction.
  package var flushIntervalMs: Int64 = 0
  /// What stands for workers' ids; nil where they are stored as they come.
  package var pseudonyms: SitePseudonyms?
  /// What the event stream shows of workers.
  package var privacy: PrivacySettings
  /// How messages of cameras with another format are read.
  package var mappings: MappingTable
  package var mapper = PayloadMapper()
  /// As configured.
  package var calendars: SiteCalendars
  /// Finds stops for commands about them.
  package var stops: StopQuery
  /// Why workstations may stand.
  package var reasons: [StopReason]
  /// Limits of the drift rules that differ from the site's, by camera and by model version.
  package var cameraLimits: [String: DriftLimits.Override]
  package var modelLimits: [String: DriftLimits.Override]
  /// Groups of cameras that may fail together: the site, which is the first, the configured ones and the lines.
  package var groups: [CameraGroup]
  /// The workstations that the configuration names.
  package var listedWorkstations: Set<String>
  /// How long events are kept, milliseconds.
  package var retentionMs: Int64
  /// Which receivers outside of MQTT get a page.
  package var notify: NotifyRules
  /// What people call the sources of alarms.
  package var names: SiteNames

  /// For what stores events of the site.
  package init(site: SiteSettings, settings: Settings) {
    self.init(site: site, root: settings.topics.root)
    bridgeID = settings.bridge.id
    pseudonyms = SitePseudonyms.of(site, dataDirectory: settings.bridge.dataDirectory)
  }

  /// For what only reads messages: pseudonyms are made with keys that are forgotten with the process.
  package init(site: SiteSettings, root: String) {
    siteID = site.id
    pseudonyms = SitePseudonyms.of(site, dataDirectory: nil)
    privacy = site.privacy
    topics = TopicNames(root: root)
    decoder = EventDecoder()
    minConfidencePpm = site.ingest.minConfidencePpm
    stateTimeoutMs = site.ingest.stateTimeoutMs
    maxAgeMs = site.ingest.maxAgeMs
    maxFutureMs = site.ingest.maxFutureMs
    assumeUTC = site.ingest.assumeUTC
    limits = site.limits
    reannounceAfterMs = site.alarms.reannounceAfterMs
    mappings = MappingTable(site.mappings)
    calendars = SiteCalendars(site)
    stops = StopQuery(site: site)
    reasons = site.stops.reasons
    groups = [CameraGroup(id: site.id)] + site.cameraGroups
    groups += site.layout.lines.map { CameraGroup(id: $0.id, cameras: Set($0.cameras)) }
    cameraLimits = site.cameraLimits
    modelLimits = site.modelLimits
    retentionMs = site.retention.eventsMs
    listedWorkstations = site.listedWorkstations
    notify = site.notifyRules(SiteCalendar(site))
    names = site.names
  }

  package func context(camera: String, nowMs: Int64) -> DecodeContext {
    DecodeContext(
      siteID: siteID, cameraID: camera, nowMs: nowMs, maxAgeMs: maxAgeMs, maxFutureMs: maxFutureMs,
      assumeUTC: assumeUTC)
  }

  /// Whether the event passes the confidence gate. An event without a confidence passes.
  func accepts(_ event: Event) -> Bool {
    event.confidencePpm.map { $0 >= minConfidencePpm } ?? true
  }
}
