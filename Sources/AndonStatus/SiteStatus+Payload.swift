package import AndonCore
import AndonStore

extension SiteStatus {
  /// A site at an instant.
  package typealias View = (site: SiteStatus, nowMs: Int64)

  /// In `/status`.
  static let payload = PayloadTable<View>(
    "A site.", session.of { $0.site }, health.of { $0.site }, cameraList)

  /// A site in short, on the event stream.
  package static let briefPayload = PayloadTable<View>(
    "A site in short, on the stream.", [.required("timestamp_ms", .instant("Now")) { $0.nowMs }],
    (session + [trouble, counterObject]).of { $0.site },
    [
      .required("cameras_online", .count("Cameras that say online")) { $0.site.cameraCount(.online) },
      .required("cameras_offline", .count("Cameras that say offline")) { $0.site.cameraCount(.offline) },
      outOfServiceCount,
    ])

  /// A site that is not running, for the heartbeat.
  static let troublePayload = PayloadTable<SiteStatus>(
    "A site that is not running.",
    [
      .required("site_id", .identifier("The site")) { $0.siteID },
      .required("state", .word("How the site is")) { $0.health.state },
      .required("since_ms", .instant("Since when")) { $0.health.sinceMs },
      .required("reason", .text("Why, and what to do")) { $0.trouble ?? "" },
    ])

  private func cameraCount(_ status: CameraStatus) -> Int { cameras.count { $0.status == status } }

  // MARK: Groups of fields

  private static let session: [PayloadField<SiteStatus>] = [
    .required("site_id", .identifier("The site")) { $0.siteID },
    .required("connected", .flag("It has its broker session")) { $0.isConnected },
    .required("session_present", .flag("The broker had kept it")) { $0.sessionPresent },
    .optional("last_commit_ms", .instant("The last commit")) { $0.lastCommitMs },
    .optional("lag_ms", .integer("Received minus timestamp of the newest event, milliseconds")) { $0.lagMs },
  ]

  private static let trouble = PayloadField<SiteStatus>.optional("trouble", .text("Why the site is held")) {
    $0.trouble
  }

  private static let counterObject = PayloadField<SiteStatus>.required(
    "counters",
    .object(PayloadTable("Outcomes since the site's file was made.", OutcomeCounters.payloadFields))
  ) { $0.counters }

  private static let health: [PayloadField<SiteStatus>] = [
    .required("state", .word("How the site is")) { $0.health.state },
    .required("state_since_ms", .instant("Since when")) { $0.health.sinceMs },
    trouble,
    .optional("warning", .text("What will become a fault when it is not mended")) { $0.warning },
    .optional("note", .text("Information; needs no action")) { $0.note },
    .required("gaps", .array(of: .object(gap), most: 2 * gapLimit)) { $0.gaps },
    .required("outbox", .object(OutboxStatus.payload)) { $0.outbox },
    .optional("notify", .object(NotifyStatus.payload)) { $0.notify.routes.isEmpty ? nil : $0.notify },
    .required("retention", .object(RetentionStatus.payload)) { $0.retention },
    .optional("sparkplug", .object(sparkplugConnection)) { site in
      site.sparkplug.map { (connection: $0, unreadable: site.sparkplugUnreadable) }
    },
    .optional("central", .object(SiteCentralStatus.payload)) { $0.central },
    counterObject,
    .required("damage", .object(damageCount)) { $0.damage },
    .optional("audit", .object(lastAudit)) { $0.audit },
  ]

  private static let outOfServiceCount = PayloadField<View>.required(
    "cameras_out_of_service", .count("Cameras that have no alerts")
  ) { $0.site.cameras.count { $0.outOfService != nil } }

  private static let cameraList: [PayloadField<View>] = [
    outOfServiceCount,
    .required("cameras_without_events", .count("Cameras of which there is a status and no event")) {
      $0.site.cameras.count(where: \.isGhost)
    },
    .required("cameras", .array(of: .object(camera))) { view in
      view.site.cameras.map { (row: $0, nowMs: view.nowMs) }
    },
  ]

  // MARK: Objects in a site

  private static let gap = PayloadTable<GapRow>(
    "A time in which events may be missing, or the clock stepped.",
    [
      .required("cause", .word("What opened it")) { $0.cause },
      .optional("camera_id", .identifier("The one camera that it concerns")) {
        $0.cameraID.isEmpty ? nil : $0.cameraID
      },
      .required("from_ms", .instant("Its beginning")) { $0.fromMs },
      .required("to_ms", .instant("Its end")) { $0.toMs },
      .required("noted_at_ms", .instant("When it was noticed")) { $0.notedAtMs },
      .required("may_miss_events", .flag("Events may be missing")) { $0.cause.mayMissEvents },
      .required("detail", .text("For people")) { $0.detail },
    ])

  private static let sparkplugConnection = PayloadTable<(connection: ConnectionStatus, unreadable: Int64)>(
    "The site's Sparkplug connection; where Sparkplug is on.",
    ConnectionStatus.payloadFields.of { $0.connection },
    [
      .required("unreadable", .count("Commands and states of hosts that could not be read")) { $0.unreadable }
    ])

  private static let damageCount = PayloadTable<Damage>(
    "What of the site's file did not match its checksum.",
    [
      .required("found", .count("Summaries and states since the start")) { $0.found },
      .required("repaired", .count("Those that were computed again from the events")) { $0.repaired },
      .optional("last_ms", .instant("When the last one was found")) { $0.lastMs > 0 ? $0.lastMs : nil },
      .required("quarters", .count("Quarters of an hour with damaged rows of events, by the last audit")) {
        $0.quarters.count
      },
    ])

  private static let lastAudit = PayloadTable<Audit>(
    "The last self-audit of summaries against events.",
    [
      .required("last_ms", .instant("When it was")) { $0.lastMs },
      .required("pairs", .count("Worker and quarter hours compared")) { $0.pairs },
      .required("mismatches", .count("Those that differed; mended")) { $0.mismatches },
    ])

  private static let camera = PayloadTable<(row: CameraRow, nowMs: Int64)>(
    "A camera.",
    [
      .required("camera_id", .identifier("The camera")) { $0.row.cameraID },
      .required(
        "status", .word("The last status that the camera, or its MQTT will, published")
      ) { $0.row.status },
      .required("events", .count("Stored events")) { $0.row.events },
      .required("last_event_ms", .instant("The newest event; 0 before the first")) {
        $0.row.lastEventMs ?? 0
      },
      .required("last_received_ms", .instant("When it came; 0 before the first")) {
        $0.row.lastReceivedMs ?? 0
      },
      .required("qos0_received", .count("Messages that it sent with QoS 0")) { $0.row.qos0Received },
      .required(
        "at_most_once", .flag("It sent one within a day: what it sends while the bridge is away is lost")
      ) { $0.row.isAtMostOnce(atMs: $0.nowMs) },
      .required("missing", .count("Events that did not arrive, by their numbers, and still may")) {
        $0.row.sequence?.missing ?? 0
      },
      .required("lost", .count("Those that are given up: newer ones are missing, too")) {
        $0.row.sequence?.lost ?? 0
      },
      .required(
        "out_of_service",
        .orNull("Who took it out of service; null while it is in service", .object(OutOfService.payload))
      ) { $0.row.outOfService },
    ])
}
