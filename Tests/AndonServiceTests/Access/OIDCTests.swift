import Foundation
import JWTKit
import Logging
import Synchronization
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonHTTP
@testable import AndonRuntime

/// Tokens of an identity provider, good ones and forged ones.
@Suite(.ownThread) struct OIDCTests {
  private static let nowMs: Int64 = 1_768_472_100_000
  private static let settings = OIDCSettings(
    issuer: "https://idp.example", audience: "andon", keysURL: "https://idp.example/keys",
    roleClaim: "andon_role", sitesClaim: "andon_sites", userClaim: "sub")

  /// HMAC with SHA-256 needs 32 bytes.
  private static let secret = "a secret of more than thirty-two bytes"

  /// A provider with a key, and what it was asked.
  private final class Provider: Sendable {
    let key = ES256PrivateKey()
    let name: String
    let loads = Mutex(0)
    let isDown = Mutex(false)

    init(_ name: String = "k1") { self.name = name }

    var jwks: String {
      let point = key.publicKey.parameters!
      func url(_ text: String) -> String {
        text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
      }
      return """
        {"keys":[{"kty":"oct","kid":"secret","k":"\(Base64URL.text(Array(OIDCTests.secret.utf8)))"},{"kty":"EC","crv":"P-256","kid":"\(name)","use":"sig",\
        "x":"\(url(point.x))","y":"\(url(point.y))"}]}
        """
    }

    func sign(_ claims: [String: ClaimValue], kid: String? = nil) async throws -> String {
      // Another name than the key's own, where the test asks for it.
      let kid = JWKIdentifier(string: kid ?? name)
      let keys = JWTKeyCollection()
      await keys.add(ecdsa: key, kid: kid)
      return try await keys.sign(OIDCClaims(claims), kid: kid)
    }

    func load() throws -> [UInt8] {
      loads.withLock { $0 += 1 }
      if isDown.withLock({ $0 }) { throw OIDCKeys.Failure(description: "down") }
      return Array(jwks.utf8)
    }
  }

  private static var claims: [String: ClaimValue] {
    let now = Double(nowMs) / 1000
    return [
      "iss": .text("https://idp.example"), "aud": .list(["other", "andon"]), "exp": .number(now + 300),
      "nbf": .number(now - 5), "sub": .text("anna"), "andon_role": .text("lead"),
      "andon_sites": .list(["plant-a"]),
    ]
  }

  private func verifier(
    _ provider: Provider, monotonicMs: @escaping @Sendable () -> Int64 = { 0 },
    report: @escaping @Sendable (OIDCVerifier.Health) -> Void = { _ in }
  ) -> OIDCVerifier {
    OIDCVerifier(
      Self.settings, clock: WallClock { Self.nowMs }, monotonic: MonotonicClock(monotonicMs),
      load: { try provider.load() }, log: Logger(label: "test"), report: report)
  }

  @Test func aGoodTokenIsAUser() async throws {
    let provider = Provider()
    let (caller, untilMs) = try #require(
      try await verifier(provider).caller(provider.sign(Self.claims)))
    #expect(caller.user == "anna" && caller.role == .lead && caller.sites == ["plant-a"])
    #expect(caller.may(.workers) && !caller.may(.purge) && untilMs == Self.nowMs + 330_000)
    var everywhere = Self.claims
    everywhere["andon_sites"] = .text("all")
    #expect(try await verifier(provider).caller(provider.sign(everywhere))?.caller.sees("plant-z") == true)
    everywhere["andon_sites"] = nil
    #expect(try await verifier(provider).caller(provider.sign(everywhere))?.caller.sees("plant-a") == false)
  }

  @Test(arguments: [
    ("iss", ClaimValue.text("https://evil.example")), ("iss", .list(["https://idp.example"])),
    ("aud", .text("grafana")),
    ("aud", .text("andon2")), ("exp", .number(1_768_472_060)), ("exp", .text("9999999999")), ("exp", .other),
    ("nbf", .number(1_768_472_200)), ("nbf", .text("0")), ("andon_role", .text("boss")),
    ("andon_role", .list(["lead", "admin"])), ("andon_role", .list([])), ("sub", .text("")),
    ("sub", .number(7)),
  ])
  func aTokenWithAWrongClaimIsRefused(_ name: String, _ value: ClaimValue) async throws {
    let provider = Provider()
    var claims = Self.claims
    claims[name] = value
    #expect(try await verifier(provider).caller(provider.sign(claims)) == nil, "\(name) \(value)")
    claims[name] = nil
    let isOptional = name == "nbf"
    let isTaken = try await verifier(provider).caller(provider.sign(claims)) != nil
    #expect(isTaken == isOptional, "without \(name)")
  }

  @Test func forgedTokensAreRefused() async throws {
    let provider = Provider()
    let verifier = verifier(provider)
    let good = try await provider.sign(Self.claims)
    #expect(await verifier.caller(good) != nil)
    let parts = good.split(separator: ".").map(String.init)
    func header(_ json: String) -> String { Base64URL.text(Array(json.utf8)) }
    // Another key under the same name, another body under the same signature, no signature, other algorithms.
    var forged = [
      try await Provider().sign(Self.claims), "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])",
    ]
    let admin = Base64URL.text(Array(#"{"andon_role":"admin"}"#.utf8))
    forged.append("\(parts[0]).\(admin).\(parts[2])")
    for json in [
      #"{"alg":"none","kid":"k1"}"#, #"{"alg":"None","kid":"k1"}"#, #"{"alg":"HS256","kid":"k1"}"#,
      #"{"alg":"HS256","kid":"secret"}"#, #"{"alg":"ES256"}"#, #"{"kid":"k1"}"#,
      #"{"alg":"ES256","kid":"k1","crit":["x"]}"#,
      #"{"alg":"RS256","kid":"k1"}"#, "no json",
    ] { forged.append("\(header(json)).\(parts[1]).\(parts[2])") }
    for token in forged + ["", "...", "a.b.c", String(repeating: "a", count: 100_000)] {
      #expect(await verifier.caller(token) == nil, "\(token.prefix(200))")
    }
    // A secret key in the JWKS signs nothing.
    let secret = JWTKeyCollection()
    await secret.add(hmac: HMACKey(from: Self.secret), digestAlgorithm: .sha256, kid: "secret")
    #expect(try await verifier.caller(secret.sign(OIDCClaims(Self.claims), kid: "secret")) == nil)
  }

  @Test func anUnknownKeyAsksForTheKeysOnceAMinute() async throws {
    let provider = Provider()
    let time = Mutex<Int64>(0)
    let verifier = verifier(provider) { time.withLock { $0 } }
    let good = try await provider.sign(Self.claims)
    #expect(await verifier.caller(good) != nil && provider.loads.withLock { $0 } == 1)
    for number in 0..<20 {
      #expect(try await verifier.caller(provider.sign(Self.claims, kid: "made-up-\(number)")) == nil)
    }
    #expect(provider.loads.withLock { $0 } == 1)
    time.withLock { $0 = OIDCVerifier.restMs }
    _ = try await verifier.caller(provider.sign(Self.claims, kid: "new"))
    _ = try await verifier.caller(provider.sign(Self.claims, kid: "newer"))
    #expect(provider.loads.withLock { $0 } == 2)
  }

  @Test func keysStayGoodForADayWhenTheProviderIsAway() async throws {
    let provider = Provider()
    let time = Mutex<Int64>(0)
    let health = Mutex<[OIDCVerifier.Health]>([])
    let verifier = verifier(
      provider, monotonicMs: { time.withLock { $0 } },
      report: { state in health.withLock { $0.append(state) } })
    let good = try await provider.sign(Self.claims)
    #expect(await verifier.caller(good) != nil)
    #expect(health.withLock { $0.last?.keys == 1 && $0.last?.readMs == Self.nowMs && $0.last?.error == nil })
    provider.isDown.withLock { $0 = true }
    time.withLock { $0 = OIDCVerifier.keepMs - 1 }
    #expect(await verifier.caller(good) != nil)
    try await eventually("the failure is said") { health.withLock { $0.last?.error == "down" } }
    time.withLock { $0 += OIDCVerifier.restMs }
    #expect(await verifier.caller(good) == nil)
    provider.isDown.withLock { $0 = false }
    time.withLock { $0 += OIDCVerifier.restMs }
    #expect(await verifier.caller(good) != nil)
    #expect(health.withLock { $0.last?.error == nil })
  }

  /// A key without `alg` must not become one for the algorithm that the first, forged, token names.
  @Test func aForgedTokenDoesNotBindAKeyToItsAlgorithm() async throws {
    let key = try Insecure.RSA.PrivateKey(
      pem: Command.outputs("/usr/bin/openssl", ["genrsa", "2048"]).output)
    let (modulus, exponent) = try key.publicKey.getKeyPrimitives()
    let (n, e) = (Base64URL.text(Array(modulus)), Base64URL.text(Array(exponent)))
    let jwks = #"{"keys":[{"kty":"RSA","kid":"r1","n":"\#(n)","e":"\#(e)"}]}"#
    let verifier = OIDCVerifier(
      Self.settings, clock: WallClock { Self.nowMs }, monotonic: MonotonicClock { 0 },
      load: { Array(jwks.utf8) }, log: Logger(label: "test"))
    let keys = JWTKeyCollection()
    await keys.add(rsa: key, digestAlgorithm: .sha256, kid: "r1")
    let good = try await keys.sign(OIDCClaims(Self.claims), kid: "r1")
    let rest = good.split(separator: ".").dropFirst().joined(separator: ".")
    let header = Base64URL.text(Array(#"{"alg":"PS512","kid":"r1"}"#.utf8))
    #expect(await verifier.caller("\(header).\(rest)") == nil)
    #expect(await verifier.caller(good) != nil)
  }

  @Test(arguments: [
    ("", "no JWKS"), ("[]", "no JWKS"), (#"{"keys":[]}"#, "no public key"),
    (#"{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}"#, "no public key"),
    (#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, "no public key"),
    (#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","use":"enc","x":"AA","y":"AA"}]}"#, "no public key"),
    (#"{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}"#, "no public key"),
  ])
  func aKeySetWithoutAKeyIsRefused(_ text: String, _ words: String) {
    let problem = #expect(throws: OIDCKeys.Failure.self) { try OIDCKeys(Array(text.utf8)) }
    #expect(problem?.description.contains(words) == true, "\(text)")
  }

  // MARK: The listener

  @Test func theListenerTakesTokensOfTheProvider() async throws {
    let provider = Provider()
    let folder = try TemporaryFolder.make("oidc")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "jwks.json").path
    try provider.jwks.write(toFile: file, atomically: true, encoding: .utf8)
    let site = try AccessSite(
      [],
      http:
        ", oidc: {issuer: 'https://idp.example', audience: andon, jwks_file: \(file), sites_claim: andon_sites}"
    )
    var claims = Self.claims
    claims["exp"] = .number(Double(WallClock.system.nowMs) / 1000 + 300)
    let token = "Authorization: Bearer \(try await provider.sign(claims))\r\n"
    let me = try site.get("/api/v1/me", token)
    #expect(me.contains(#""user":"anna","role":"lead","sites":["plant-a"]"#), "\(me)")
    #expect(AccessSite.status(try site.get("/api/v1/sites/plant-b/alerts", token)) == 404)
    #expect(AccessSite.status(try site.get("/api/v1/me", token.replacing(".", with: ".a"))) == 401)
    let status = try site.get("/status", "Authorization: Bearer shared-secret\r\n")
    #expect(status.contains(#""identity_provider":{"address":"\#(file)","keys":1,"read_ms":"#), "\(status)")
    #expect(!(try site.get("/status", token)).contains("identity_provider"))
  }

  @Test func aProxyNamesItsUsersAndNobodyElseDoes() throws {
    let users = [try AccessSite.user("vic", .viewer, ["plant-b"])]
    let headers = "X-Remote-User: mia\r\nX-Remote-Role: maintainer\r\n"
    let trusted = try AccessSite(users, http: ", trusted_proxy: {addresses: [127.0.0.1]}")
    #expect(try trusted.get("/api/v1/me", headers).contains(#""user":"mia","role":"maintainer""#))
    #expect(try trusted.get("/api/v1/me", "X-Remote-User: vic\r\n").contains(#""sites":["plant-b"]"#))
    for wrong in [
      "X-Remote-User: mia\r\n", "X-Remote-Role: admin\r\n", headers + "X-Remote-User: root\r\n",
      headers + "X-Remote-Role: admin\r\n", "X-Remote-User: mia\r\nX-Remote-Role: boss\r\n",
      "X-Remote-User: <b>\r\nX-Remote-Role: admin\r\n",
    ] {
      let answer = try trusted.get("/api/v1/me", wrong)
      #expect(AccessSite.status(answer) == 403 && answer.contains("X-Remote-"), "\(wrong)")
    }
    // As with a session, a foreign page could make the browser send it.
    let path = "/api/v1/sites/plant-a/cameras/cam-01/in_service"
    #expect(AccessSite.status(try trusted.post(path, headers + "Sec-Fetch-Site: cross-site\r\n")) == 403)
    #expect(AccessSite.status(try trusted.post(path, headers + "Sec-Fetch-Site: same-origin\r\n")) != 403)
    let login = try trusted.login(
      "vic", AccessSite.password, headers: "Sec-Fetch-Site: same-origin\r\nX-Forwarded-Proto: https\r\n")
    #expect(AccessSite.cookie(login)?.hasPrefix("__Host-andon=") == true && login.contains("; Secure"))
    let other = try AccessSite(users, http: ", trusted_proxy: {addresses: [10.1.2.3]}")
    #expect(AccessSite.status(try other.get("/api/v1/me", headers)) == 401)
    let network = try AccessSite(users, http: ", trusted_proxy: {addresses: ['10.1.2.0/24', 127.0.0.0/8]}")
    #expect(try network.get("/api/v1/me", headers).contains(#""user":"mia""#))
  }

  @Test(arguments: [
    ("oidc: {issuer: i}", "needs issuer and audience"),
    ("oidc: {issuer: i, audience: a}", "needs jwks_file or jwks_url"),
    ("oidc: {issuer: i, audience: a, jwks_file: f, jwks_url: 'https://x'}", "only one of them"),
    ("oidc: {issuer: i, audience: a, jwks_url: 'http://idp.example/k'}", "must be https"),
    ("oidc: {issuer: i, audience: a, jwks_url: 'ftp://x'}", "http.oidc.jwks_url"),
    ("trusted_proxy: {addresses: [x]}", "http.trusted_proxy.addresses"),
    ("trusted_proxy: {addresses: [127.0.0.1], user_header: A B}", "must be the name of a header"),
  ])
  func mistakesAreNamed(_ text: String, _ words: String) {
    let complaint = SettingsSample.complaint("http: {\(text)}\n" + SettingsSample.site)
    #expect(complaint.contains(words), "\(complaint)")
  }
}
