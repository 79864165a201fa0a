import AndonAccess
import AndonConfiguration
import AndonRuntime
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Answers a request: access rules first, then the endpoint, then the common headers.
struct APIResponder: HTTPResponder {
  typealias Context = HTTPContext

  let services: APIServices
  let rules: AccessRules
  let authenticator: Authenticator
  /// Nil without users.
  let login: LoginPages?
  let limiter: RateLimiter
  let settings: HTTPSettings
  let refusals: HTTPRefusals

  func respond(to request: Request, context: HTTPContext) async throws -> Response {
    let start = ContinuousClock.now
    var name = "none"
    var reply: APIReply
    do {
      reply = try await answer(request, context, &name)
    } catch let problem as Problem {
      if Self.counted.contains(problem.code) { refusals.count(problem.code, client: context.client) }
      reply = problem.reply
    } catch {
      context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      reply =
        Problem(status: 500, code: "internal", detail: "this went wrong inside; the log says more").reply
    }
    if case .stream = reply.body {
      services.metrics.answered(name, status: reply.status, took: nil)
    } else {
      services.metrics.answered(name, status: reply.status, took: ContinuousClock.now - start)
    }
    return ResponseBuilder(request: request, settings: settings, hub: services.hub).response(reply)
  }

  /// Refusals that an operator should see.
  private static let counted: Set<String> = [
    Authenticator.wrongToken, "cross_origin", "address", "rate_limit", "host",
  ]

  private func answer(
    _ request: Request, _ context: HTTPContext, _ name: inout String
  ) async throws -> APIReply {
    let nowMs = services.clock.nowMs
    guard rules.answers(to: request.head.authority) else {
      throw Problem(
        status: 421, code: "host",
        detail: "this listener does not go by that name; http.hosts lists the ones it answers to",
        field: "Host")
    }
    guard rules.lets(context.client) else {
      throw Problem(status: 403, code: "address", detail: "\(context.client) is not on the list http.allow")
    }
    // A supervisor's probe must not fail because another client at its address sends too many requests.
    if !ConnectionGate.isProbe(request.uri.path),
      let seconds = limiter.secondsToWait(context.client, nowMs: nowMs)
    {
      throw Problem.busy(
        429, code: "rate_limit", "more than \(settings.rateLimit) requests a second",
        retryAfterSeconds: seconds)
    }
    if request.method == .options { return preflight() }
    let isRead = request.method == .get || request.method == .head
    if isRead, let file = DashboardFile.named(request.uri.path, isOverview: services.fleet != nil) {
      name = "dashboard"
      return file.reply
    }
    if let login, let reply = try await login.reply(to: request, peer: context.client) {
      name = "login"
      return reply
    }
    let (endpoint, path) = try find(request)
    name = endpoint.name
    let found = await authenticator.identify(request.headers, peer: context.client)
    try authenticator.check(endpoint.operation.need, found)
    if !isRead { try checkOrigin(request, found.caller) }
    var call = APIRequest(values: path, nowMs: nowMs)
    call.caller = found.caller
    call.isStillValid = stillValid(found, request.headers, context.client)
    call.reason = request.headers[HTTPField.Name("Andon-Reason")!] ?? ""
    call.lastEventID = request.headers[HTTPField.Name("Last-Event-ID")!]
    if endpoint.method == .post { call.body = try await body(of: request, endpoint) }
    try QueryReader.read(request.uri.query ?? "", endpoint, into: &call)
    try checkView(call, endpoint, found)
    // The user is the one who decided, also if the request says another name.
    if let user = found.caller.user, call.values["by"] != nil { call.values["by"] = user }
    let recorder = LookRecorder(
      request: call, operation: endpoint.operation,
      client: authenticator.client(request.headers, peer: context.client),
      services: services)
    // What a stream shows comes later, so it is recorded before it begins.
    if endpoint.operation == .stream, isRead { try await recorder.recordStream() }
    let reply = try await self.reply(to: call, endpoint, request.uri.string)
    if request.method == .get { try await recorder.record(reply) }
    return reply
  }

  private func stillValid(
    _ found: Authenticator.Found, _ headers: HTTPFields, _ peer: String
  ) -> @Sendable () -> Bool {
    let (authenticator, clock) = (authenticator, services.clock)
    if let untilMs = found.untilMs { return { clock.nowMs < untilMs } }
    return { authenticator.identifyHere(headers, peer: peer).caller == found.caller }
  }

  private func reply(to call: APIRequest, _ endpoint: Endpoint, _ uri: String) async throws -> APIReply {
    guard endpoint.isShared(call) else { return try await endpoint.answer(call, services) }
    let key = ReplyCache.Key(uri: uri, view: call.caller.view)
    let services = services
    return try await services.cache.reply(key, nowMs: call.nowMs, forMs: endpoint.sharedForMs) {
      try await endpoint.answer(call, services)
    }
  }

  /// What the parameters ask for: a site that the caller may see, and workers only with the right to see them.
  ///
  /// Another site is unknown, as one that does not exist: the names of sites are not for everybody.
  private func checkView(_ call: APIRequest, _ endpoint: Endpoint, _ found: Authenticator.Found)
    throws(Problem)
  {
    if let site = call.text("site"), !found.caller.sees(site) { throw .unknownSite(site) }
    // Who may see the quarantine sees what is in it.
    if endpoint.operation != .listQuarantine, endpoint.operation.showsWorkers(call) {
      try authenticator.check(.workers, found)
    }
  }

  /// A session is in a cookie, which a browser adds by itself, also to requests that a foreign page makes it send.
  private func checkOrigin(_ request: Request, _ caller: Caller) throws(Problem) {
    let origin = RequestOrigin(request.headers, authority: request.head.authority)
    let isAllowed = request.headers[.origin].map(settings.corsOrigins.contains) ?? false
    let isFine =
      switch origin {
      case .own: true
      case .unknown: !caller.proof.isAmbient
      case .foreign: !caller.proof.isAmbient && isAllowed
      }
    guard isFine else { throw .crossOrigin }
  }

  private func find(_ request: Request) throws(Problem) -> (Endpoint, [String: String]) {
    let parts = request.uri.path.split(separator: "/", omittingEmptySubsequences: true)
    let method = request.method == .head ? HTTPRequest.Method.get : request.method
    var allowed: [String] = []
    for endpoint in services.endpoints {
      guard let values = endpoint.match(parts) else { continue }
      if endpoint.method.rawValue == method.rawValue { return (endpoint, values) }
      allowed.append(endpoint.method.rawValue)
    }
    guard allowed.isEmpty else {
      throw Problem(
        status: 405, code: "method", detail: "\(request.method.rawValue) is not for this path",
        headers: [("Allow", (allowed + (allowed.contains("GET") ? ["HEAD"] : [])).joined(separator: ", "))])
    }
    throw .notFound("there is nothing at this path; /openapi.json lists what there is")
  }

  private func preflight() -> APIReply {
    var reply = APIReply(status: 204, contentType: "", body: .bytes([]))
    reply.headers = [
      ("Allow", "GET, HEAD, POST, OPTIONS"), ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
      ("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID"),
      ("Access-Control-Max-Age", "600"),
    ]
    return reply
  }

  private func body(of request: Request, _ endpoint: Endpoint) async throws -> [UInt8] {
    let tooLarge = Problem(
      status: 413, code: "too_large", detail: "the body must have at most \(settings.maxBodyBytes) bytes")
    if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
      throw Problem(
        status: 415, code: "content_encoding", detail: "the body must be sent as it is, not as \(encoding)",
        field: "Content-Encoding", headers: [("Accept-Encoding", "identity")])
    }
    if endpoint.bodySchema != nil, let type = request.headers[.contentType] {
      let essence = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
      guard essence == "application/json" else {
        throw Problem(
          status: 415, code: "media_type", detail: "the body must be application/json", field: "Content-Type")
      }
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > settings.maxBodyBytes {
      throw tooLarge
    }
    do {
      let buffer = try await request.body.collect(upTo: settings.maxBodyBytes)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw tooLarge
    }
  }
}
