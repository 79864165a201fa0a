import AndonConfiguration
import AndonCore
import AndonStore

extension Endpoint {
  private static let dayMs: Int64 = 86_400_000
  private static let payloadPreview = 2048

  /// Events, models and the quarantine.
  static let records: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites/{site}/events", operation: .listEvents, summary: "Stored events, newest first.",
      parameters: [
        .site, .init(name: "worker", kind: .identifier, help: "Only of this worker."),
        .init(name: "workstation", kind: .identifier, help: "Only at this workstation."),
        .init(name: "camera", kind: .identifier, help: "Only from this camera."), .from, .to, .limit, .cursor,
        .reason,
      ],
      answers: [.init(schema: "event_list", help: "A page.")], problems: [503], answer: events),
    Endpoint(
      path: "/api/v1/sites/{site}/models", operation: .listModels,
      summary: "Confidence by camera and model version.",
      detail:
        "Mean, range, distribution in 20 equal steps and the mean by step of time; the last 24 h by default.",
      parameters: [.site, .from, .to],
      answers: [.init(schema: "model_list", help: "By camera, then by version.")], problems: [503],
      sharedForMs: 10_000, answer: models),
    Endpoint(
      path: "/api/v1/sites/{site}/quarantine", operation: .listQuarantine,
      summary: "Rejected events with their reasons, newest first.",
      detail: "`payload` holds the first \(payloadPreview) bytes.",
      parameters: [
        .site, .init(name: "camera", kind: .identifier, help: "Only from this camera."),
        .init(
          name: "code", kind: .words(RejectionCode.allCases.map(\.rawValue)), help: "Only with this reason."),
        .limit, .cursor, .reason,
      ],
      answers: [.init(schema: "quarantine_list", help: "A page, and the number of rows by reason.")],
      problems: [503], answer: quarantine),
  ]

  private static func events(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    var query = EventQuery(
      fromMs: request.instantMs("from") ?? 0,
      toMs: request.instantMs("to") ?? request.nowMs + site.ingest.maxFutureMs + 1,
      limit: request.integer("limit"))
    guard query.fromMs < query.toMs else { throw Problem.parameter("from", "must lie before to") }
    query.workerID = request.text("worker")
    if query.workerID != nil, !site.privacy.showsWorkers {
      throw Problem.parameter("worker", "cannot be asked for: privacy.workers of this site is off")
    }
    query.workstationID = request.text("workstation")
    query.cameraID = request.text("camera")
    if let text = request.text("cursor") {
      guard let cursor = EventCursor(text: text) else { throw Problem.parameter("cursor", "is none of ours") }
      query.after = cursor
    }
    let wanted = query
    let page = try await services.read(site) { try $0.events(wanted) }
    var reply = APIReply.list(
      ListPayloads.events, (), page.events.map { APICodec.event($0.shown(by: site.privacy), site: site.id) },
      nextCursor: page.hasMore ? page.events.last.map { EventCursor($0.event).text } : nil)
    let workers = Set(page.events.map(\.event.workerID)).subtracting([""])
    reply.look = Look(
      workerID: query.workerID, subjects: workers.count, fromMs: query.fromMs, toMs: query.toMs)
    return reply
  }

  private static func models(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    let toMs = request.instantMs("to") ?? request.nowMs
    let fromMs = request.instantMs("from") ?? toMs - dayMs
    guard fromMs < toMs else { throw Problem.parameter("from", "must lie before to") }
    guard toMs - fromMs <= 31 * dayMs else {
      throw Problem.parameter("from", "must lie at most 31 days back")
    }
    // About 50 steps of whole minutes.
    let stepMs = max(60_000, (toMs - fromMs) / 48 / 60_000 * 60_000)
    let items = try await services.read(site) { store in
      let detectors = try store.liveDetectors(DriftLimits(site))
      return try store.models(fromMs: fromMs, toMs: toMs, stepMs: stepMs)
        .map { APICodec.model($0, rule: detectors[$0.key]?.low, site: site, stepMs: stepMs) }
    }
    return .list(ListPayloads.models, (site.id, fromMs, toMs), items)
  }

  private static func quarantine(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    let (camera, code, limit) = (request.text("camera"), request.text("code"), request.integer("limit"))
    var before: Int64?
    if let cursor = request.text("cursor") {
      before = SettingValue.digits(cursor)
      guard before != nil else { throw Problem.parameter("cursor", "is none of ours") }
    }
    let start = before
    let (rows, counts) = try await services.read(site) { store in
      (
        try store.quarantine(
          before: start, camera: camera, code: code, limit: limit + 1, payloadLimit: payloadPreview),
        try store.quarantineCounts()
      )
    }
    let page = rows.prefix(limit)
    var reply = APIReply.list(
      ListPayloads.quarantine, (site.id, counts.map { (name: $0, value: $1) }),
      page.map { APICodec.quarantine($0, site: site.id) },
      nextCursor: rows.count > limit ? page.last.map { String($0.id) } : nil)
    let times = page.map(\.receivedAtMs)
    reply.look = Look(subjects: page.count, fromMs: times.min(), toMs: times.max().map { $0 + 1 })
    return reply
  }
}
