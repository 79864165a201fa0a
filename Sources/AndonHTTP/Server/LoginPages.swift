import AndonAccess
import AndonConfiguration
import AndonCore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// `/login` and `/logout`: HTML forms that work without scripts.
struct LoginPages: Sendable {
  private let login: Login
  private let sessions: SessionTable
  private let authenticator: Authenticator
  private let refusals: HTTPRefusals
  private let log: Logger

  init(
    login: Login, sessions: SessionTable, authenticator: Authenticator, refusals: HTTPRefusals, log: Logger
  ) {
    self.login = login
    self.sessions = sessions
    self.authenticator = authenticator
    self.refusals = refusals
    self.log = log
  }

  /// The most bytes of a form.
  private static let formLimit = 4096

  /// Nil for another path.
  func reply(to request: Request, peer: String) async throws -> APIReply? {
    let cookie = authenticator.cookie(request.headers, peer: peer)
    let language = PageLanguage(acceptLanguage: request.headers[.acceptLanguage])
    let isRead = request.method == .get || request.method == .head
    switch request.uri.path {
    case "/login" where isRead:
      let caller = authenticator.identifyHere(request.headers, peer: peer).caller
      return page(LoginPage(language: language, user: caller.proof == .session ? caller.user : nil))
    case "/login" where request.method == .post:
      try checkOrigin(request)
      return try await attempt(
        request, authenticator.client(request.headers, peer: peer), cookie, language)
    case "/logout" where request.method == .post:
      try checkOrigin(request)
      for id in cookie.ids(in: request.headers) { sessions.end(id) }
      return redirect(to: "/login", cookie: cookie.clearing)
    case "/login", "/logout":
      let allowed = request.uri.path == "/login" ? "GET, HEAD, POST" : "POST"
      throw Problem(
        status: 405, code: "method", detail: "\(request.method.rawValue) is not for this path",
        headers: [("Allow", allowed)])
    default: return nil
    }
  }

  /// Also for the login itself: a foreign page must not log a user in under its own name.
  private func checkOrigin(_ request: Request) throws(Problem) {
    guard RequestOrigin(request.headers, authority: request.head.authority) != .foreign else {
      throw .crossOrigin
    }
  }

  private func attempt(
    _ request: Request, _ client: String, _ cookie: SessionCookie, _ language: PageLanguage
  ) async throws -> APIReply {
    guard let form = await form(of: request), let user = form["user"], let password = form["password"] else {
      throw Problem(
        status: 400, code: "bad_body", detail: "the body must be a form with user and password, once each")
    }
    let isPossible = UserRecord.isName(user) && password.utf8.count <= 1024
    // An impossible name takes the same way, so that it takes the same time.
    switch await login.check(
      user: isPossible ? user : "", password: isPossible ? password : "", address: client)
    {
    case .accepted(let record):
      log.notice("user logged in", metadata: ["user": "\(record.name)", "client": "\(client)"])
      for id in cookie.ids(in: request.headers) { sessions.end(id) }
      return redirect(to: "/", cookie: cookie.setting(sessions.begin(record)))
    case .refused:
      refusals.count("login", client: client)
      return page(LoginPage(language: language, problem: .wrong), status: 401)
    case .tooSoon(let waitMs):
      refusals.count("login_too_soon", client: client)
      let seconds = max(1, (waitMs + 999) / 1000)
      var reply = page(LoginPage(language: language, problem: .tooSoon(seconds: seconds)), status: 429)
      reply.headers.append(("Retry-After", "\(seconds)"))
      return reply
    case .busy:
      var reply = page(LoginPage(language: language, problem: .tooSoon(seconds: 5)), status: 503)
      reply.headers.append(("Retry-After", "5"))
      return reply
    }
  }

  /// Nil for a body that is no form, too long, or names a field twice.
  private func form(of request: Request) async -> [String: String]? {
    let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
    guard type == "application/x-www-form-urlencoded",
      let buffer = try? await request.body.collect(upTo: Self.formLimit)
    else { return nil }
    var fields: [String: String] = [:]
    for pair in String(buffer: buffer).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = QueryReader.decoded(parts[0]),
        let value = QueryReader.decoded(parts[1]), fields.updateValue(value, forKey: name) == nil
      else { return nil }
    }
    return fields
  }

  private func page(_ page: LoginPage, status: Int = 200) -> APIReply {
    var reply = APIReply(status: status, contentType: "text/html; charset=utf-8", body: .bytes(page.html))
    reply.headers = [
      ("Content-Security-Policy", Self.contentSecurityPolicy), ("Cache-Control", "no-store"),
      // Older browsers then say the origin of the form.
      ("Referrer-Policy", "same-origin"), ("Vary", "Accept-Language, Cookie"),
      ("Content-Language", page.language.rawValue),
    ]
    return reply
  }

  /// As of the other pages, but the form may be sent, and no script runs.
  private static let contentSecurityPolicy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    + "frame-ancestors 'none'"

  private func redirect(to path: String, cookie: String) -> APIReply {
    var reply = APIReply(status: 303, contentType: "", body: .bytes([]))
    reply.headers = [("Location", path), ("Set-Cookie", cookie), ("Cache-Control", "no-store")]
    return reply
  }
}

extension Problem {
  static let crossOrigin = Problem(
    status: 403, code: "cross_origin",
    detail: "a request with a session that changes something must come from a page of this listener "
      + "(Sec-Fetch-Site: same-origin, or its Origin)", field: "Origin")
}
