import AndonAccess
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

extension Endpoint {
  /// Alarms, and commands on them.
  static let alarms: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/alerts", operation: .listAlerts,
      summary: "The current state of every alert.",
      detail: "The items are the objects of the retained MQTT topics, worst first.",
      parameters: [
        .site,
        .init(
          name: "state", kind: .words(["all", "abnormal"]), fallback: "all", help: "abnormal: all but normal."
        ),
      ],
      answers: [.init(schema: "alert_list", help: "All of them.")], problems: [503], sharedForMs: 500
    ) { request, services in
      let site = try services.site(request)
      let nowMs = request.nowMs
      let records = try await services.read(site) { try AlarmReader.records(site, $0, nowMs: nowMs) }
        .filter { request.word("state") == "all" || $0.state != .normal }
      return .list(ListPayloads.alarms, site.id, records.map { $0.json() })
    },
    Endpoint(
      path: "/api/v1/sites/{site}/alerts/report", operation: .reportAlerts,
      summary: "How well the alerts of a range of time work, beside the bars of EEMUA 191.",
      detail: "Measured from the journal. At most 366 days.",
      parameters: [
        .site, .rangeFrom, .rangeTo,
      ],
      answers: [.init(schema: "alert_report", help: "The figures.")], problems: [503], sharedForMs: 5000
    ) { request, services in
      let site = try services.site(request)
      let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
      try check(fromMs, toMs)
      let nowMs = request.nowMs
      let report = try await services.read(site) {
        try $0.alarmReport(site, fromMs: fromMs, toMs: toMs, nowMs: nowMs)
      }
      return .json(report.json())
    },
    Endpoint(
      path: "/api/v1/sites/{site}/alerts/history", operation: .listAlertHistory,
      summary: "The journal: every transition, newest first.",
      detail:
        "The items are the objects of the MQTT topics `alert_event`, as they were written. By when they were written.",
      parameters: [
        .site, .init(name: "alert_id", kind: .text(limit: 256), help: "Only of this alert."), .from, .to,
        .limit,
        .cursor,
      ],
      answers: [.init(schema: "alert_event_list", help: "A page.")], problems: [503], answer: history),
    command(.ackAlert, "ack", "Acknowledge an alert: somebody takes care of it.", []) { _ in .acknowledge },
    command(
      .shelveAlert, "shelve", "Shelve an alert: keep it quiet for a time.",
      [
        .init(
          name: "duration_s", kind: .integer(60...28_800), isRequired: true,
          help: "After that it un-shelves by itself."),
        .init(name: "reason", kind: .text(limit: 500), help: "Why, as the MQTT command calls it."),
      ]
    ) { request in
      let reason = request.text("reason") ?? request.text("comment") ?? ""
      return .shelve(
        durationMs: Int64(request.integer("duration_s")) * 1000, reason: reason.isEmpty ? "–" : reason)
    },
    command(.unshelveAlert, "unshelve", "Take an alert off the shelf.", []) { _ in .unshelve },
    command(.confirmAlert, "confirm", "The alert's last occurrence was right.", []) { _ in
      .judge(isFalseAlarm: false)
    },
    command(.markFalseAlarm, "false_alarm", "The alert's last occurrence was a false alarm.", []) { _ in
      .judge(isFalseAlarm: true)
    },
  ]

  private static func history(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    let (fromMs, toMs) = (request.instantMs("from") ?? .min, request.instantMs("to") ?? .max)
    guard fromMs < toMs else { throw Problem.parameter("from", "must lie before to") }
    let before = request.text("cursor").map { SettingValue.digits($0) }
    if case .some(nil) = before { throw Problem.parameter("cursor", "is none of ours") }
    let (alertID, limit) = (request.text("alert_id"), request.integer("limit"))
    let rows = try await services.read(site) {
      try $0.alarmHistory(
        fromMs: fromMs, toMs: toMs, before: before.flatMap(\.self), limit: limit + 1, alertID: alertID)
    }
    let page = rows.prefix(limit)
    return .list(
      ListPayloads.alarmHistory, site.id, page.map { Array($0.json.utf8) },
      nextCursor: rows.count > limit ? page.last.map { String($0.sequence) } : nil)
  }

  private static func command(
    _ operation: Operation, _ verb: String, _ summary: String, _ more: [APIParameter],
    _ action: @escaping @Sendable (APIRequest) -> AlarmCommand.Action
  ) -> Endpoint {
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/alerts/{id}/\(verb)", operation: operation,
      summary: summary,
      detail:
        """
        `id` is the percent-encoded `alert_id`, e.g. `plant-a%2Fdrift%2Fcam-01`. The answer comes after the commit; \
        no broker is needed, and what the command changed is published once it is back. The same again is harmless.
        """,
      parameters: [
        .site,
        .init(name: "id", place: .path, kind: .text(limit: 256), isRequired: true, help: "The alert."),
        .init(name: "by", kind: .text(limit: 64), fallback: "dashboard", help: "Who decided."),
        .init(name: "comment", kind: .text(limit: 500), help: "Why."),
      ] + more,
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { request, services in
      let site = try services.site(request)
      let comment = request.text("reason") ?? request.text("comment") ?? ""
      var command = AlarmCommand(
        alertID: request.word("id"), action: action(request), by: request.word("by"),
        comment: comment.isEmpty ? nil : comment)
      command.isByVerified = request.caller.user != nil
      let result = await (try services.requests(of: site)).perform(command)
      guard result.isOK else { throw Problem(refused: result) }
      return .json(
        APIAnswers.commandResult.json(
          ("alert/\(verb)", request.word("id"), nil, result.code, request, services.clock.nowMs)))
    }
  }
}
