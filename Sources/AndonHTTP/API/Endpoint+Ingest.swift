import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStatus
import AndonStore

extension Endpoint {
  /// Posting events.
  static let ingest: [Endpoint] = [
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/cameras/{camera}/events", operation: .postEvents,
      summary: "Events in: one object, or an array of at most 1000.",
      detail: """
        The same pipeline as over MQTT: same thread, same transaction, same outcomes. The answer comes after the \
        commit: whatever it calls stored survives a power cut. Sending the same again is harmless.
        """,
      parameters: [
        .site,
        .init(
          name: "camera", place: .path, kind: .identifier, isRequired: true, help: "The camera that saw it."),
      ],
      bodySchema: "events_in",
      answers: [
        .init(schema: "ingest_result", help: "Committed; one outcome an event, in order."),
        .init(status: 422, schema: "ingest_result", help: "Committed, and every one of them was rejected."),
      ],
      problems: [413, 415, 429, 503], answer: post)
  ]

  private static let commitTimeout: Duration = .seconds(10)

  private static func post(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    guard !request.body.isEmpty else {
      throw Problem(
        status: 400, code: "empty_body", detail: "the body must be an event or an array of events")
    }
    let posted = PostedEvents(cameraID: request.word("camera"), payload: request.body)
    switch await posted.post(to: try services.httpQueue(of: site), timeout: commitTimeout) {
    case .committed(let outcomes): return reply(outcomes, site: site.id, nowMs: services.clock.nowMs)
    case .full:
      throw Problem.busy(
        429, code: "back_pressure", "site \(site.id) has as many requests waiting as it takes",
        retryAfterSeconds: 1)
    case .failed(let reason):
      throw Problem.busy(
        503, code: "not_committed", "site \(site.id) could not commit it: \(reason)", retryAfterSeconds: 5)
    }
  }

  private static func reply(_ outcomes: [ItemOutcome], site: String, nowMs: Int64) -> APIReply {
    let counts = Dictionary(outcomes.map { ($0.kind, 1) }, uniquingKeysWith: +)
    let json = APIAnswers.ingestResult.json(
      (site, nowMs, outcomes, counts), capacity: 64 + outcomes.count * 48)
    let isRefused = outcomes.allSatisfy { $0.kind == .rejected }
    return .json(json, status: isRefused ? 422 : 200)
  }
}
