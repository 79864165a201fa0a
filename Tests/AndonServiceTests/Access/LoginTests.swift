import Foundation
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration

/// Logins, and what attackers try with them.
@Suite(.ownThread) struct LoginTests {
  private static let own = "Sec-Fetch-Site: same-origin\r\n"

  private func site(_ http: String = "") throws -> AccessSite {
    try AccessSite(
      [try AccessSite.user("anna", .maintainer, ["plant-a"]), try AccessSite.user("bo", .viewer)], http: http)
  }

  @Test func aLoginOpensASessionAndALogoutEndsIt() throws {
    let site = try site()
    #expect(try site.get("/api/v1/me").contains("401 Unauthorized"))
    #expect(
      try site.get("/api/v1/me").contains(#"</login>; rel="login""#), "the dashboard needs to know where")
    let answer = try site.login("anna", AccessSite.password)
    #expect(
      AccessSite.status(answer) == 303 && answer.lowercased().contains("\r\nlocation: /\r\n"), "\(answer)")
    let line = try #require(answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie") })
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
      #expect(line.contains(attribute))
    }
    #expect(!line.contains("Secure"), "the listener speaks http")
    let cookie = "Cookie: \(try #require(AccessSite.cookie(answer)))\r\n"
    let me = try site.get("/api/v1/me", cookie)
    #expect(me.contains(#""user":"anna","role":"maintainer""#) && me.contains(#""logged_in":true"#))
    #expect(try site.get("/login", cookie).contains("You are logged in as <strong>anna</strong>"))
    #expect(AccessSite.status(try site.post("/logout", cookie + Self.own)) == 303)
    #expect(AccessSite.status(try site.get("/api/v1/me", cookie)) == 401, "the cookie opens nothing any more")
  }

  @Test func thePageSpeaksGermanAndNoPasswordIsInAnAddress() throws {
    let site = try site()
    let page = try site.get("/login", "Accept-Language: fr, de-DE;q=0.9, en;q=0.8\r\n")
    #expect(page.contains("<html lang=\"de\">") && page.contains("Passwort"))
    #expect(try site.get("/login").contains("<form method=\"post\" action=\"/login\">"))
    #expect(!page.contains("<script"), "it works without scripts")
    // A form that was sent as a query makes no session.
    #expect(AccessSite.cookie(try site.get("/login?user=anna&password=correct+horse")) == nil)
  }

  /// Session fixation: an attacker who planted a cookie must not share the session.
  @Test func aLoginMakesANewSession() throws {
    let site = try site()
    let planted = "andon=\(String(repeating: "A", count: 43))"
    let first = try site.login("anna", AccessSite.password, headers: Self.own + "Cookie: \(planted)\r\n")
    let one = try #require(AccessSite.cookie(first))
    #expect(try one != planted && AccessSite.status(site.get("/api/v1/me", "Cookie: \(planted)\r\n")) == 401)
    // Nor does the session of before go on, which somebody else may know.
    let two = try #require(
      AccessSite.cookie(try site.login("anna", AccessSite.password, headers: Self.own + "Cookie: \(one)\r\n"))
    )
    #expect(try two != one && AccessSite.status(site.get("/api/v1/me", "Cookie: \(one)\r\n")) == 401)
    #expect(AccessSite.status(try site.get("/api/v1/me", "Cookie: other=x; andon=y; \(two)\r\n")) == 200)
  }

  /// CSRF: a foreign page makes the browser send the cookie with a command.
  @Test func aCommandOfAForeignPageIsRefused() throws {
    let site = try site()
    let cookie = "Cookie: \(try #require(AccessSite.cookie(try site.login("anna", AccessSite.password))))\r\n"
    let path = "/api/v1/sites/plant-a/cameras/cam-01/in_service"
    let foreign = [
      "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n", "Origin: https://evil.example\r\n",
      "Origin: null\r\n", "Origin: http://localhost.evil.example\r\n", "",
    ]
    for headers in foreign {
      let answer = try site.post(path, cookie + headers)
      #expect(AccessSite.status(answer) == 403 && answer.contains("cross_origin"), "\(headers): \(answer)")
    }
    for headers in [Self.own, "Origin: http://localhost\r\n"] {
      #expect(AccessSite.status(try site.post(path, cookie + headers)) != 403, "\(headers)")
    }
    for headers in foreign where !headers.isEmpty {
      #expect(
        AccessSite.status(try site.login("anna", AccessSite.password, headers: headers)) == 403, "\(headers)")
      #expect(AccessSite.status(try site.post("/logout", cookie + headers)) == 403, "\(headers)")
    }
    #expect(AccessSite.status(try site.get("/api/v1/me", cookie)) == 200, "the session goes on")
    // A program with a token is no browser.
    #expect(AccessSite.status(try site.post(path, AccessSite.bearer("anna"))) != 403)
  }

  @Test func noPageMayBeShownInAForeignFrame() throws {
    let site = try site()
    for path in ["/", "/login", "/style.css"] {
      #expect(try site.get(path).contains("frame-ancestors 'none'"), "\(path)")
    }
    let login = try site.get("/login")
    #expect(login.contains("form-action 'self'") && !login.contains("script-src"))
  }

  @Test func guessingIsSlowedAndLogged() throws {
    let site = try site()
    for attempt in 0..<LoginThrottle.freeOfUser {
      let answer = try site.login("anna", "wrong password \(attempt)")
      #expect(AccessSite.status(answer) == 401 && answer.contains("The name or the password is wrong."))
    }
    let slowed = try site.login("anna", AccessSite.password)
    #expect(AccessSite.status(slowed) == 429 && slowed.contains("Retry-After: "), "\(slowed)")
    #expect(AccessSite.cookie(slowed) == nil, "not even with the right password")
    #expect(
      AccessSite.status(try site.login("bo", AccessSite.password)) == 303, "another user is not kept out")
    let metrics = try site.get("/metrics", "Authorization: Bearer shared-secret\r\n")
    #expect(metrics.contains(#"andon_http_refused_total{reason="login"} 5"#))
    #expect(site.process.output.contains(#""reason":"login""#), "\(site.process.output.suffix(1000))")
    #expect(site.process.output.contains("user logged in"))
    #expect(
      !site.process.output.contains("wrong password") && !site.process.output.contains(AccessSite.password))
  }

  @Test func anUnknownNameIsAnsweredAsAWrongPassword() throws {
    let site = try site()
    func body(_ user: String) throws -> String {
      String(try site.login(user, "something else").drop { $0 != "<" })
    }
    let known = try body("anna")
    for name in ["nobody", "a%20b", "%3Cscript%3E"] { #expect(try body(name) == known, "\(name)") }
  }

  @Test func aReloadEndsTheSessionsOfARemovedUser() throws {
    let site = try site()
    let cookie = "Cookie: \(try #require(AccessSite.cookie(try site.login("anna", AccessSite.password))))\r\n"
    try UsersFile.change(site.usersPath, owner: site.folder.path) { $0.users.removeAll { $0.name == "anna" } }
    site.process.signal(SIGHUP)
    try waitUntil("the users to be read", seconds: 60) {
      AccessSite.status(try site.get("/api/v1/me", cookie)) == 401
    }
    #expect(AccessSite.status(try site.get("/api/v1/me", AccessSite.bearer("anna"))) == 401)
    #expect(AccessSite.status(try site.get("/api/v1/me", AccessSite.bearer("bo"))) == 200)
    // A file with a mistake changes nothing.
    try "users: [{name: x}]".write(toFile: site.usersPath, atomically: true, encoding: .utf8)
    site.process.signal(SIGHUP)
    try waitUntil("the mistake to be seen", seconds: 60) {
      try site.get("/status", "Authorization: Bearer shared-secret\r\n").contains("users[0].role: is missing")
    }
    #expect(AccessSite.status(try site.get("/api/v1/me", AccessSite.bearer("bo"))) == 200)
  }
}
