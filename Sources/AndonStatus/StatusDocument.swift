import AndonCore
package import AndonRuntime
import AndonStore

/// The JSON of `/status`, and the shorter one of the bridge's heartbeat topic.
package enum StatusDocument {
  package static func json(
    _ board: StatusBoard, nowMs: Int64, logLevel: String? = nil, process: ProcessUse.Sample? = nil
  ) -> [UInt8] {
    let sites = board.snapshot
    var writer = JSONWriter(capacity: 2048)
    writer.field("bridge_id", board.bridgeID)
    writer.field("version", AndonVersion.text)
    writer.field("timestamp_ms", nowMs)
    writer.field("uptime_s", (nowMs - board.startedAtMs) / 1000)
    let publisher = board.publisher
    writer.field("online", sites.allSatisfy(\.isConnected) && publisher.connection.isConnected)
    writer.field("publisher", json: publisher.json())
    writer.field("sites", json: array(sites.map { site($0, nowMs: nowMs) }))
    var alarms = JSONWriter()
    alarms.field("active", sites.reduce(0) { $0 + $1.alarmsActive })
    alarms.field("pending", sites.reduce(0) { $0 + $1.alarmsPending })
    writer.field("alerts", json: alarms.end())
    writer.field("config", json: config(board.config))
    if let logLevel { writer.field("log_level", logLevel) }
    if let process { writer.field("process", json: process.json()) }
    return writer.end()
  }

  private static func config(_ status: ConfigStatus) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("loaded_at_ms", status.loadedAtMs)
    writer.field("reloads", status.reloads)
    writer.field("failed_reloads", status.failedReloads)
    if let error = status.error { writer.field("error", error) }
    writer.field("needs_restart", json: array(status.needsRestart.map { Array("\"\($0)\"".utf8) }))
    return writer.end()
  }

  /// One site in short, for the event stream.
  package static func brief(_ status: SiteStatus, nowMs: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 512)
    writer.field("timestamp_ms", nowMs)
    writer.field("site_id", status.siteID)
    writer.field("connected", status.isConnected)
    writer.field("session_present", status.sessionPresent)
    if let last = status.lastCommitMs { writer.field("last_commit_ms", last) }
    if let lag = status.lagMs { writer.field("lag_ms", lag) }
    if let trouble = status.trouble { writer.field("trouble", trouble) }
    var counters = JSONWriter()
    append(status.counters, to: &counters)
    writer.field("counters", json: counters.end())
    writer.field("cameras_online", status.cameras.count { $0.status == "online" })
    writer.field("cameras_offline", status.cameras.count { $0.status == "offline" })
    writer.field("cameras_out_of_service", status.cameras.count { $0.outOfService != nil })
    return writer.end()
  }

  /// The payload of the topic `_bridge/{bridge}/status`.
  package static func heartbeat(_ board: StatusBoard, nowMs: Int64) -> [UInt8] {
    let sites = board.snapshot
    var total = OutcomeCounters()
    for site in sites { total += site.counters }
    var writer = JSONWriter()
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("bridge_id", board.bridgeID)
    writer.field("version", AndonVersion.text)
    writer.field("uptime_s", (nowMs - board.startedAtMs) / 1000)
    writer.field("sites", sites.count)
    writer.field("sites_connected", sites.count { $0.isConnected })
    let publisher = board.publisher
    writer.field("publisher", json: publisher.json())
    let troubled = sites.filter { $0.trouble != nil }
    let isWell = troubled.isEmpty && publisher.connection.isConnected && publisher.refusal == nil
    writer.field("state", isWell ? "ok" : "degraded")
    writer.field("troubles", json: array(troubled.map(trouble)))
    append(total, to: &writer)
    return writer.end()
  }

  private static func site(_ status: SiteStatus, nowMs: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 1024)
    writer.field("site_id", status.siteID)
    writer.field("connected", status.isConnected)
    writer.field("session_present", status.sessionPresent)
    if let commit = status.lastCommitMs { writer.field("last_commit_ms", commit) }
    if let lag = status.lagMs { writer.field("lag_ms", lag) }
    writer.field("state", status.health.state.rawValue)
    writer.field("state_since_ms", status.health.sinceMs)
    if let trouble = status.trouble { writer.field("trouble", trouble) }
    if let warning = status.warning { writer.field("warning", warning) }
    if let note = status.note { writer.field("note", note) }
    writer.field("gaps", json: array(status.gaps.map(gap)))
    writer.field("outbox", json: status.outbox.json())
    writer.field("retention", json: status.retention.json())
    if let sparkplug = status.sparkplug {
      writer.field("sparkplug", json: Self.sparkplug(sparkplug, unreadable: status.sparkplugUnreadable))
    }
    var counters = JSONWriter()
    append(status.counters, to: &counters)
    writer.field("counters", json: counters.end())
    var damage = JSONWriter()
    damage.field("found", status.damage.found)
    damage.field("repaired", status.damage.repaired)
    if status.damage.lastMs > 0 { damage.field("last_ms", status.damage.lastMs) }
    damage.field("quarters", status.damage.quarters.count)
    writer.field("damage", json: damage.end())
    if let audit = status.audit {
      var own = JSONWriter()
      own.field("last_ms", audit.lastMs)
      own.field("pairs", audit.pairs)
      own.field("mismatches", audit.mismatches)
      writer.field("audit", json: own.end())
    }
    writer.field("cameras_out_of_service", status.cameras.count { $0.outOfService != nil })
    writer.field("cameras_without_events", status.cameras.count(where: \.isGhost))
    writer.field("cameras", json: array(status.cameras.map { camera($0, nowMs: nowMs) }))
    return writer.end()
  }

  private static func sparkplug(_ status: ConnectionStatus, unreadable: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("connected", status.isConnected)
    writer.field("since_ms", status.sinceMs)
    if let trouble = status.trouble { writer.field("trouble", trouble) }
    writer.field("unreadable", unreadable)
    return writer.end()
  }

  private static func gap(_ row: GapRow) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("cause", row.cause.rawValue)
    if !row.cameraID.isEmpty { writer.field("camera_id", row.cameraID) }
    writer.field("from_ms", row.fromMs)
    writer.field("to_ms", row.toMs)
    writer.field("noted_at_ms", row.notedAtMs)
    writer.field("may_miss_events", row.cause.mayMissEvents)
    writer.field("detail", row.detail)
    return writer.end()
  }

  /// A site that is not running, for the heartbeat.
  private static func trouble(_ status: SiteStatus) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.field("site_id", status.siteID)
    writer.field("state", status.health.state.rawValue)
    writer.field("since_ms", status.health.sinceMs)
    writer.field("reason", status.trouble ?? "")
    return writer.end()
  }

  private static func camera(_ row: CameraRow, nowMs: Int64) -> [UInt8] {
    var writer = JSONWriter(capacity: 160)
    writer.field("camera_id", row.cameraID)
    writer.field("status", row.status)
    writer.field("events", row.events)
    writer.field("last_event_ms", row.lastEventMs)
    writer.field("last_received_ms", row.lastReceivedMs)
    writer.field("qos0_received", row.qos0Received)
    writer.field("at_most_once", row.isAtMostOnce(atMs: nowMs))
    writer.field("out_of_service", json: row.outOfService?.json() ?? Array("null".utf8))
    return writer.end()
  }

  private static func append(_ counters: OutcomeCounters, to writer: inout JSONWriter) {
    for (name, path) in OutcomeCounters.names { writer.field(name, counters[keyPath: path]) }
  }

  /// A JSON array of encoded objects.
  package static func array(_ objects: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for (index, object) in objects.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: object)
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }
}
