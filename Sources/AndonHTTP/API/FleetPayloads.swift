import AndonCore
import AndonOverview

/// The answers of `andon overview`.
enum FleetPayloads {
  typealias SiteHead = (nowMs: Int64, total: Int, states: [(name: String, value: Int)])

  static let sites = ListPayload<SiteHead>.table(
    of: "fleet_site",
    [
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
      .required("total", .count("Sites that the filters let through, on all pages")) { $0.total },
      .required("states", .map("Sites by state, without the filters", of: .count("Sites"))) { $0.states },
    ])

  static let alerts = ListPayload<(nowMs: Int64, total: Int)>.table(
    of: "fleet_alert",
    [
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
      .required("total", .count("Open alerts that the filters let through")) { $0.total },
    ])

  typealias Status = (
    brokers: [BrokerState], sites: Int, bytes: Int, counters: FleetCounters, isWritable: Bool,
    hasHistory: Bool,
    nowMs: Int64
  )

  static let status = PayloadTable<Status>(
    "The overview itself.",
    [
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
      .required("write", .flag("Alerts can be acknowledged here")) { $0.isWritable },
      .required("history", .flag("A central database is configured")) { $0.hasHistory },
      .required("sites", .count("Sites in memory")) { $0.sites },
      .required("bytes", .count("Estimated bytes of sites, alerts and bridges")) { $0.bytes },
      .required("brokers", .array(of: .object(broker))) { $0.brokers },
      .required("messages", .map("Messages since the start, by outcome", of: .count("Messages"))) { status in
        FleetOutcome.allCases.map { (name: $0.rawValue, value: status.counters[$0]) }
      },
    ])

  private static let broker = PayloadTable<BrokerState>(
    "A broker.",
    [
      .required("name", .identifier("Its name here")) { $0.name },
      .required("connected", .flag("There is a connection")) { $0.isConnected },
      .required("complete", .flag("What it keeps was read")) { $0.isComplete },
      .required("since_ms", .instant("Since when")) { $0.sinceMs },
      .optional("trouble", .text("What is wrong, and what to do")) { $0.trouble },
    ])

  typealias Command = (key: FleetKey, broker: String, alertID: String, by: String, code: String, nowMs: Int64)

  static let command = PayloadTable<Command>(
    "The site's bridge carried out a command.",
    [
      .required("cmd", .text("group/name")) { _ in "alert/ack" },
      .required("site_id", .identifier("The site")) { $0.key.site },
      .required("broker", .identifier("Where it was sent")) { $0.broker },
      .required("alert_id", .text("The alert")) { $0.alertID },
      .required("ok", .flag("true")) { _ in true },
      .required("code", .text("ok, or another code of success")) { $0.code },
      .required("by", .text("Who decided")) { $0.by },
      .required("timestamp_ms", .instant("When")) { $0.nowMs },
    ])
}
