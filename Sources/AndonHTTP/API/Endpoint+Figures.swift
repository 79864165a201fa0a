import AndonAccess
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStatus
import AndonStore

extension APIParameter {
  static let site = APIParameter(
    name: "site", place: .path, kind: .identifier, isRequired: true, help: "The site.")
  static let limit = APIParameter(
    name: "limit", kind: .integer(1...1000), fallback: "100", help: "How many items at most.")
  static let cursor = APIParameter(
    name: "cursor", kind: .text(limit: 512), help: "`next_cursor` of the page before.")
  static let from = APIParameter(name: "from", kind: .instant, help: "The first instant.")
  static let to = APIParameter(name: "to", kind: .instant, help: "The first instant no longer in it.")
  /// Where a range is required.
  static let rangeFrom = APIParameter(
    name: "from", kind: .instant, isRequired: true, help: "The first instant.")
  static let rangeTo = APIParameter(
    name: "to", kind: .instant, isRequired: true, help: "The first instant no longer in it.")
  /// For lists of small items.
  static let largeLimit = APIParameter(
    name: "limit", kind: .integer(1...10_000), fallback: "1000", help: "How many items at most.")
  static let asOf = APIParameter(
    name: "as_of", kind: .instant, help: "Take this as the present; the bridge's clock by default.")
  static let scope = APIParameter(
    name: "scope", kind: .words(KPIScope.allCases.map(\.rawValue)), fallback: "site", help: "What about.")
  static let id = APIParameter(
    name: "id", kind: .identifier, help: "Only this worker, workstation, line or area.")
}

extension Endpoint {
  private static let quarter = "quarter"
  private static let windows = WindowKind.allCases.map(\.rawValue)
  private static let bucketLimit = 200

  /// Sites and their KPIs.
  static let figures: [Endpoint] = [
    Endpoint(
      path: "/api/v1/sites", operation: .listSites, summary: "The sites of this bridge, by id.",
      answers: [.init(schema: "site_list", help: "All of them.")], sharedForMs: 1000
    ) { request, services in
      let caller = request.caller
      let sites = services.sites.filter { caller.sees($0.id) }
      let nowMs = services.clock.nowMs
      let statuses = services.board.snapshot
      var calendars: [String: SiteCalendars] = [:]
      for site in sites { calendars[site.id] = await services.calendars(of: site) }
      return .list(
        ListPayloads.sites, nowMs,
        sites.map { [calendars] site in
          var shown = site
          if !caller.may(.workers) || site.privacy.replacesIDs { shown.workers = [:] }
          return APICodec.site(
            shown, root: services.settings.topics.root, status: statuses.first { $0.siteID == site.id },
            calendars: calendars[site.id] ?? SiteCalendars(site), nowMs: nowMs)
        }
      )
    },
    Endpoint(
      path: "/api/v1/sites/{site}/names", operation: .listNames,
      summary: "What people call the site and its parts.",
      detail: "The object of the topic `meta/site`, always whole.", parameters: [.site],
      answers: [.init(schema: "site_names", help: "As configured.")], sharedForMs: 1000
    ) { request, services in
      .json(try services.site(request).names.json(nowMs: services.clock.nowMs))
    },
    Endpoint(
      path: "/api/v1/sites/{site}/kpi", operation: .listKPIs,
      summary: "KPIs of a window that contains the present, or of any range.",
      detail:
        "Give `window`, or `from` and `to`. The items are the objects of the MQTT topics, sorted by id.",
      parameters: [
        .site, .scope, .id,
        .init(name: "window", kind: .words(windows), help: "The window that contains the present."),
        .from, .to, .asOf,
        .largeLimit,
        .cursor, .reason,
      ],
      answers: [.init(schema: "kpi_list", help: "Empty when no shift contains the present.")],
      problems: [409, 503], sharedForMs: 1000, answer: kpis),
    Endpoint(
      path: "/api/v1/sites/{site}/kpi/series", operation: .listKPISeries,
      summary: "KPIs of every quarter of an hour, hour, shift or day that begins in a range.",
      detail: "At most \(bucketLimit) windows; those that began later than the present are left out.",
      parameters: [
        .site, .scope, .id,
        .init(
          name: "window", kind: .words(windows + [quarter]), fallback: "hour",
          help: "The step; quarter: a quarter of an hour."),
        .rangeFrom, .rangeTo,
        .asOf, .reason,
      ],
      answers: [.init(schema: "kpi_list", help: "By window, then by id.")],
      problems: [409, 503], sharedForMs: 5000, answer: series),
  ]

  private static func kpis(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let kind = request.text("window").flatMap(WindowKind.init)
    let (fromMs, toMs) = (request.instantMs("from"), request.instantMs("to"))
    switch (kind, fromMs, toMs) {
    case (.some, nil, nil): break
    case (nil, .some(let from), .some(let to)): try check(from, to)
    default: throw Problem.parameter("window", "or both from and to must be given")
    }
    let scope = KPIScope(rawValue: request.word("scope")) ?? .site
    let (id, after, limit) = (request.text("id"), request.text("cursor"), request.integer("limit"))
    let records = try await services.read(site) { store in
      let query = KPIQuery(site: site, scopes: [scope], id: id)
      let all =
        if let kind { try query.window(kind, store, nowMs: nowMs) } else {
          try query.range(fromMs: fromMs ?? 0, toMs: toMs ?? 0, store, nowMs: nowMs)
        }
      return all.filter { $0.scope == scope && $0.id > after ?? "" }
        .sorted { $0.id < $1.id }
    }
    let page = records.prefix(limit)
    var reply = APIReply.list(
      ListPayloads.kpis, (site.id, nowMs), page.map { $0.json(revision: nil) },
      nextCursor: page.count < records.count ? page.last?.id : nil)
    reply.look = look(Array(page), id: id)
    return reply
  }

  /// Whom records show.
  private static func look(_ records: [KPIRecord], id: String?) -> Look {
    let workers = records.filter { $0.scope == .worker }
    return Look(
      workerID: id, subjects: Set(workers.map(\.id)).count, fromMs: workers.map(\.window.startMs).min(),
      toMs: workers.map(\.window.endMs).max())
  }

  static func check(_ fromMs: Int64, _ toMs: Int64, atMostDays days: Int64 = 366) throws(Problem) {
    guard fromMs < toMs else { throw .parameter("from", "must lie before to") }
    guard toMs - fromMs <= days * 86_400_000 else {
      throw .parameter("to", "must lie at most \(days) days after from")
    }
  }

  /// The line that the request names.
  static func line(_ request: APIRequest, of site: SiteSettings) throws(Problem) -> SiteLayout.Line? {
    guard let id = request.text("line") else { return nil }
    guard let line = site.layout.line(id) else {
      throw .notFound("site \"\(site.id)\" has no line \"\(id)\"", code: "unknown_line")
    }
    return line
  }

  /// Checked before anything is computed: such a long range always has more windows than one answer may.
  private static func check(
    _ kind: WindowKind, _ site: SiteSettings, _ fromMs: Int64, _ toMs: Int64
  ) throws(Problem) {
    let dayMs: Int64 = 86_400_000
    let typicalMs: Int64 =
      switch kind {
      case .hour: 3_600_000
      case .day: dayMs
      case .shift:
        dayMs / Int64(([site.shifts] + site.lineShifts.values).map(\.count).reduce(1, max))
      }
    // One day in reserve: the ends may lie inside a window, and a day of a clock change has 25 hours.
    let longestMs = Int64(bucketLimit) * typicalMs + dayMs
    guard toMs - fromMs <= longestMs else {
      throw .parameter(
        "to",
        "is too far from from: at most \(bucketLimit) windows, about \(longestMs / dayMs) days of \(kind.rawValue)s"
      )
    }
  }

  private static func series(_ request: APIRequest, _ services: APIServices) async throws -> APIReply {
    let site = try services.site(request)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let (fromMs, toMs) = (request.instantMs("from") ?? 0, request.instantMs("to") ?? 0)
    try check(fromMs, toMs)
    let scope = KPIScope(rawValue: request.word("scope")) ?? .site
    let id = request.text("id")
    let query = KPIQuery(site: site, scopes: [scope], id: id)
    guard let kind = WindowKind(rawValue: request.word("window")) else {
      let quarters = try quarters(fromMs, min(toMs, nowMs))
      return try await seriesReply(request, services) { store in
        try query.records(store, nowMs: nowMs) { calendars in
          quarters.map { calendars.window(fromMs: $0.lowerBound, toMs: $0.upperBound, untilMs: nowMs) }
        }
      }
    }
    try check(kind, site, fromMs, toMs)
    return try await seriesReply(request, services) { store in
      try query
        .series(kind, overlapping: fromMs..<max(fromMs, min(toMs, nowMs)), store, nowMs: nowMs) { calendars in
          try windows(kind, calendars, fromMs, min(toMs, nowMs)) { $0.has(scope, id: id) }
        }
        .filter { $0.scope == scope }
    }
  }

  private static func seriesReply(
    _ request: APIRequest, _ services: APIServices,
    _ records: @escaping @Sendable (SiteStore) throws -> [KPIRecord]
  ) async throws -> APIReply {
    let site = try services.site(request)
    let nowMs = request.instantMs("as_of") ?? request.nowMs
    let records = try await services.read(site, records)
    var reply = APIReply.list(ListPayloads.kpis, (site.id, nowMs), records.map { $0.json(revision: nil) })
    reply.look = look(records, id: request.text("id"))
    return reply
  }

  /// The quarters of an hour that overlap a range, the first one whole.
  private static func quarters(_ fromMs: Int64, _ toMs: Int64) throws(Problem) -> [Range<Int64>] {
    guard fromMs < toMs else { return [] }
    let firstMs = SummaryBucket.start(of: fromMs)
    guard (toMs - firstMs - 1) / SummaryBucket.lengthMs < bucketLimit else { throw tooMany }
    return stride(from: firstMs, to: toMs, by: Int64.Stride(SummaryBucket.lengthMs)).map {
      $0..<$0 + SummaryBucket.lengthMs
    }
  }

  /// The windows of a kind that overlap the range and have what was asked for, in order of time, the first one whole.
  static func windows(
    _ kind: WindowKind, _ calendars: SiteCalendars, _ fromMs: Int64, _ toMs: Int64,
    where has: (SiteWindow) -> Bool = { _ in true }
  ) throws(Problem) -> [SiteWindow] {
    var windows: [SiteWindow] = []
    if kind == .shift {
      // A shift is at most a day long, so one that overlaps the range ends within two days (clock change
      // included).
      windows = calendars.windows(.shift, endingAfter: fromMs, upTo: toMs + 2 * 86_400_000).joined()
        .filter { $0.window.startMs < toMs && has($0) }
        .sorted { ($0.window.startMs, $0.window.endMs) < ($1.window.startMs, $1.window.endMs) }
      guard windows.count <= bucketLimit else { throw tooMany }
      return windows
    }
    var atMs = fromMs
    while atMs < toMs, let window = calendars.windows(kind, containing: atMs).first {
      windows.append(window)
      atMs = window.window.endMs
      guard windows.count <= bucketLimit else { throw tooMany }
    }
    return windows
  }

  private static var tooMany: Problem {
    .parameter("to", "is too far from from: at most \(bucketLimit) windows")
  }
}
