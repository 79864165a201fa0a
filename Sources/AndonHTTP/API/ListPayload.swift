import AndonCore

/// The form of all lists: `{…head…,"items":[…],"next_cursor":…}`. The items are encoded already.
struct ListPayload<Head: Sendable>: Sendable {
  var head: Head
  var items: [[UInt8]]
  /// Where the next page begins; nil on the last one.
  var nextCursor: String?

  /// - Parameter item: the name of the items' payload in the interface documents.
  static func table(of item: String, _ head: [PayloadField<Head>] = []) -> PayloadTable<Self> {
    PayloadTable(
      "A list.", head.of { $0.head },
      [
        .required("items", .array(of: .encoded(as: item))) { $0.items },
        .optional("next_cursor", .text("Where the next page begins; absent on the last one")) {
          $0.nextCursor
        },
      ])
  }
}

extension PayloadTable {
  /// Of a list: the name of its items' payload.
  var itemName: String? {
    for field in fields where field.name == "items" {
      if case .array(.reference(let name), _, _) = field.shape { return name }
    }
    return nil
  }
}

/// The lists of the API.
enum ListPayloads {
  static let sites = ListPayload<Int64>.table(
    of: "site", [.required("timestamp_ms", .instant("Now")) { $0 }])

  static let kpis = ListPayload<(site: String, nowMs: Int64)>.table(
    of: "kpi",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
    ])

  static let shifts = ListPayload<(site: String, nowMs: Int64)>.table(
    of: "shift",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
    ])

  static let stops = ListPayload<(site: String, nowMs: Int64)>.table(
    of: "stop",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
    ])

  static let stopSums = ListPayload<(site: String, nowMs: Int64, by: StopParetoRow.Key)>.table(
    of: "stop_sum",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
      .required("by", .word("What the stops are grouped by")) { $0.by },
    ])

  static let reportHours = ListPayload<(site: String, nowMs: Int64)>.table(
    of: "report_hour",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
    ])

  static let compared = ListPayload<(site: String, nowMs: Int64, scope: KPIScope, id: String)>.table(
    of: "compared",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
      .required("scope", .word("What about")) { $0.scope },
      .required("id", .identifier("The workstation, line, area or site")) { $0.id },
    ])

  static let targets = ListPayload<(site: String, nowMs: Int64)>.table(
    of: "target",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("Now")) { $0.nowMs },
    ])

  static let orders = ListPayload<(site: String, nowMs: Int64)>.table(
    of: "order",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
    ])

  static let timeline = ListPayload<
    (site: String, nowMs: Int64, scope: String, id: String?, fromMs: Int64, toMs: Int64)
  >.table(
    of: "run",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("The present that was asked for")) { $0.nowMs },
      .required("scope", .text("What the rows are of: workstation, line, site or worker")) { $0.scope },
      .optional("id", .identifier("What was asked for; absent for the site")) { $0.id },
      .required("from_ms", .instant("The first instant")) { $0.fromMs },
      .required("to_ms", .instant("The end of the range; nothing is told of what lies after the present")) {
        $0.toMs
      },
    ])

  static let alarms = ListPayload<String>.table(
    of: "alert", [.required("site_id", .identifier("The site")) { $0 }])

  static let alarmHistory = ListPayload<String>.table(
    of: "alert_event", [.required("site_id", .identifier("The site")) { $0 }])

  static let events = ListPayload<Void>.table(of: "event")

  static let models = ListPayload<(site: String, fromMs: Int64, toMs: Int64)>.table(
    of: "model",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("from_ms", .instant("The first instant")) { $0.fromMs },
      .required("to_ms", .instant("The end")) { $0.toMs },
    ])

  static let accesses = ListPayload<String>.table(
    of: "access", [.required("site_id", .identifier("The site")) { $0 }])

  static let quarantine = ListPayload<(site: String, counts: [(name: String, value: Int64)])>.table(
    of: "quarantined",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("counts", .map("Rows by reason", of: .count("Rows"))) { $0.counts },
    ])
}
