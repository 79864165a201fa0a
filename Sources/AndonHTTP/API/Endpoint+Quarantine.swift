import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

extension Endpoint {
  /// Commands on rejected events.
  static let quarantine: [Endpoint] = [
    order(
      .replay, "Put rejected events through the pipeline again.",
      """
      For after the configuration was mended. Each row is judged as of when it came, by the rules of now, in one \
      transaction with its removal, so that nothing is counted or stored twice. What is rejected again has a new \
      row. Rows that are cut off or older than `ingest.max_age` stay. Without any choice all rows are meant.
      """, []),
    order(
      .purge, "Delete rejected events.", "Say which ones, or `all=true`. They are counted.",
      [.init(name: "all", kind: .flag, help: "All of them.")]),
  ]

  private static func order(
    _ action: QuarantineCommand.Action, _ summary: String, _ detail: String, _ more: [APIParameter]
  ) -> Endpoint {
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/quarantine/\(action.rawValue)",
      operation: action == .replay ? .replayQuarantine : .purgeQuarantine, summary: summary, detail: detail,
      parameters: [
        .site, .init(name: "id", kind: .integer(1...Int(Int32.max)), help: "Only this row."),
        .init(name: "camera", kind: .identifier, help: "Only from this camera."),
        .init(
          name: "code", kind: .words(RejectionCode.allCases.map(\.rawValue)), help: "Only with this reason."),
        .init(name: "from", kind: .instant, help: "Only what came then or later."),
        .init(name: "to", kind: .instant, help: "Only what came before."),
        .init(name: "after_id", kind: .integer(0...Int(Int32.max)), help: "`last_id` of the answer before."),
        .init(name: "to_id", kind: .integer(1...Int(Int32.max)), help: "Only up to this row."),
        .init(
          name: "limit", kind: .integer(QuarantineCommand.limits),
          fallback: "\(QuarantineCommand.limits.upperBound)", help: "How many rows at most."),
      ] + more,
      answers: [.init(schema: "quarantine_result", help: "Committed.")], problems: [503]
    ) { request, services in
      let site = try services.site(request)
      var order = QuarantineCommand(action)
      func number(_ name: String) -> Int64? { request.text(name).flatMap { Int64($0) } }
      order.id = number("id")
      order.cameraID = request.text("camera")
      order.code = request.text("code").flatMap(RejectionCode.init)
      (order.fromMs, order.toMs) = (request.instantMs("from"), request.instantMs("to"))
      (order.afterID, order.upToID) = (number("after_id") ?? 0, number("to_id"))
      order.limit = request.integer("limit")
      guard action == .replay || !order.isForAll || request.text("all") != nil else {
        throw Problem.parameter("all", "must be true, or say which rows")
      }
      let result = await (try services.requests(of: site)).send(.quarantine(order))
      guard let report = result.quarantine else {
        throw Problem.busy(
          503, code: result.code, result.detail ?? "the site does not take it now", retryAfterSeconds: 5)
      }
      return .json(APIAnswers.quarantineResult.json((site.id, services.clock.nowMs, report)))
    }
  }
}
