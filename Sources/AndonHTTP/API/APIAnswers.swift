import AndonAccess
import AndonCore
import AndonStore

/// Answers that are about a request, not about something stored.
enum APIAnswers {
  static let ingestResult = PayloadTable<
    (site: String, nowMs: Int64, outcomes: [ItemOutcome], counts: [ItemOutcome.Kind: Int])
  >(
    "What became of posted events. They are committed.",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("When this was answered")) { $0.nowMs },
      .required("received", .count("Events in the body")) { $0.outcomes.count },
    ], ItemOutcome.Kind.countFields.of { $0.counts },
    [.required("items", .array(of: .object(ingestItem))) { $0.outcomes }])

  private static let ingestItem = PayloadTable<ItemOutcome>(
    "One event, in the order of the body.",
    [
      .required("inserted", .flag("It is a new row")) { $0.kind == .stored || $0.kind == .lowConfidence },
      .required("outcome", .word("What became of it")) { $0.kind },
      .optional("conflict", .flag("A duplicate that differs from the stored row")) {
        $0.isConflict ? true : nil
      },
    ], (Rejection.payloadFields + [Rejection.eventIDField]).ifPresent { $0.rejection })

  static let commandResult = PayloadTable<
    (cmd: String, alertID: String?, cameraID: String?, code: String, request: APIRequest, nowMs: Int64)
  >(
    "A command was carried out.",
    [
      .required("cmd", .text("group/name")) { $0.cmd },
      .optional("alert_id", .text("The alert")) { $0.alertID },
      .optional("camera_id", .text("The camera")) { $0.cameraID },
      .required("ok", .flag("true")) { _ in true },
      .required("code", .text("ok, or another code of success")) { $0.code },
      .required("by", .text("Who decided: the user, or what was sent")) { $0.request.word("by") },
      .required("by_verified", .flag("The name was proved by a login or a token")) {
        $0.request.caller.user != nil
      },
      .required("timestamp_ms", .instant("When")) { $0.nowMs },
    ])

  static let quarantineResult = PayloadTable<(site: String, nowMs: Int64, report: QuarantineReport)>(
    "What became of rows of the quarantine. It is committed.",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("When this was answered")) { $0.nowMs },
    ], QuarantineReport.payload.fields.of { $0.report })

  static let erasureResult = PayloadTable<(site: String, nowMs: Int64, report: ErasureReport)>(
    "What an erasure took away of a worker. It is committed, unless dry_run says that it was only counted.",
    [
      .required("site_id", .identifier("The site")) { $0.site },
      .required("timestamp_ms", .instant("When this was answered")) { $0.nowMs },
    ], ErasureReport.payloadFields.of { $0.report })

  static let logLevel = PayloadTable<(level: String, normal: String, seconds: Int)>(
    "What is logged.",
    [
      .required("level", .text("The lowest level that is logged now")) { $0.level },
      .required("normal", .text("The level of the configuration; it applies again after duration_s")) {
        $0.normal
      },
      .required("duration_s", .count("For how long, seconds; 0: without an end")) { $0.seconds },
    ])
}
