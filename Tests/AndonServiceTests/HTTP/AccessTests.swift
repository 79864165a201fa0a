import HTTPTypes
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonHTTP

@Suite(.ownThread) struct AccessTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("192.168.1.7", "192.168.1.7", true),
    ("192.168.1.7", "192.168.1.8", false), ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false),
    ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
    ("192.168.0.0/23", "192.168.1.255", true), ("192.168.0.0/23", "192.168.2.0", false),
  ])
  func ranges(_ range: String, _ address: String, _ isIn: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(address) == isIn)
  }

  @Test(arguments: [
    "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "host", "10.0.0.0/-1", "10.0.0.0/08", "fd00::1/8",
  ])
  func noRanges(_ text: String) { #expect(AddressRange(text) == nil) }

  private func settings(_ text: String) throws -> HTTPSettings {
    try SettingsSample.load("http: {\(text)}\n" + SettingsSample.site).http
  }

  @Test func theListLetsLoopbackInAlways() throws {
    let rules = AccessRules(try settings("allow: [10.1.0.0/16]"))
    #expect(rules.lets("10.1.2.3") && rules.lets("127.0.0.1") && rules.lets("::1") && !rules.lets("10.2.0.1"))
    #expect(AccessRules(try settings("rate_limit: 0")).lets("8.8.8.8"))
  }

  private func rules(_ text: String, token: String?) throws -> Authenticator {
    Authenticator(try settings(text), token: token, users: nil, sessions: nil)
  }

  private func refusal(_ rules: Authenticator, _ operation: AndonHTTP.Operation, _ header: String?) -> Int? {
    var headers = HTTPFields()
    headers[.authorization] = header
    do { try rules.check(operation.need, rules.identifyHere(headers, peer: "127.0.0.1")) } catch {
      return error.status
    }
    return nil
  }

  @Test func readingOnLoopbackIsFreeAndWritingNeverIs() throws {
    let open = try rules("listen: '127.0.0.1:0'", token: nil)
    #expect(refusal(open, .listEvents, nil) == nil && refusal(open, .health, nil) == nil)
    #expect(refusal(open, .ackAlert, nil) == 403 && refusal(open, .ackAlert, "Bearer x") == 403)
    let guarded = try rules("token_file: t", token: "secret")
    #expect(refusal(guarded, .listEvents, nil) == nil && refusal(guarded, .ackAlert, nil) == 401)
    #expect(
      refusal(guarded, .ackAlert, "Bearer secret") == nil
        && refusal(guarded, .ackAlert, "bearer secret") == nil)
    for wrong in ["Bearer secre", "Bearer secret2", "Bearer SECRET", "Basic secret", "secret", "Bearer "] {
      #expect(refusal(guarded, .ackAlert, wrong) == 401, "\(wrong)")
    }
  }

  @Test func beyondLoopbackReadingNeedsTheToken() throws {
    let rules = try rules("listen: '0.0.0.0:0', token_file: t", token: "secret")
    #expect(refusal(rules, .listEvents, nil) == 401 && refusal(rules, .listEvents, "Bearer secret") == nil)
    #expect(refusal(rules, .health, nil) == nil)
    let asked = try self.rules("token_file: t, token_for_reads: true", token: "secret")
    #expect(refusal(asked, .listEvents, nil) == 401)
  }

  @Test func anOpenListenerIsRefusedUnlessAllowed() throws {
    let complaint = SettingsSample.complaint("http: {listen: '0.0.0.0:80'}\n" + SettingsSample.site)
    #expect(complaint.contains("can be reached from other machines"))
    let rules = try rules("listen: '0.0.0.0:80', allow_without_token: true", token: nil)
    #expect(refusal(rules, .listEvents, nil) == nil && refusal(rules, .ackAlert, nil) == 403)
  }

  /// The header with the first differing character anywhere: the comparison looks at all of it.
  @Test func secretsAreComparedAsAWhole() {
    #expect(RandomToken.equal([1, 2, 3], [1, 2, 3]) && !RandomToken.equal([1, 2], [1, 2, 3]))
    #expect(
      !RandomToken.equal([1, 2, 3, 4], [1, 2, 3]) && !RandomToken.equal([], [1]) && RandomToken.equal([], []))
  }

  @Test(arguments: [
    ("allow: [10.0.0.1/8]", "http.allow"), ("cors_origins: ['panel']", "http.cors_origins"),
    ("cors_origins: ['https://a/b']", "http.cors_origins"), ("cert_file: a", "belong together"),
    ("token_for_reads: true", "needs http.token_file"),
    ("users_file: u, allow_without_token: true", "http.allow_without_token"),
    ("session_idle: 1s", "http.session_idle"), ("max_body: 1", "http.max_body"),
  ])
  func mistakesAreNamed(_ text: String, _ part: String) {
    #expect(SettingsSample.complaint("http: {\(text)}\n" + SettingsSample.site).contains(part))
  }

  @Test func aBucketFillsAgain() {
    let limiter = RateLimiter(perSecond: 2)
    for _ in 0..<8 { #expect(limiter.secondsToWait("a", nowMs: 0) == nil) }
    #expect(limiter.secondsToWait("a", nowMs: 0) == 1)
    #expect(limiter.secondsToWait("b", nowMs: 0) == nil)
    #expect(limiter.secondsToWait("a", nowMs: 400) == 1 && limiter.secondsToWait("a", nowMs: 500) == nil)
    // A clock that was set back neither removes nor adds tokens.
    #expect(limiter.secondsToWait("a", nowMs: 0) == 1)
    #expect(RateLimiter(perSecond: 0).secondsToWait("a", nowMs: 0) == nil)
  }

  @Test func clientsAreBounded() {
    let limiter = RateLimiter(perSecond: 1)
    for client in 0..<25_000 { _ = limiter.secondsToWait("c\(client)", nowMs: Int64(client)) }
    // The newest clients are remembered: the bucket of this one is no longer full.
    for _ in 0..<3 { #expect(limiter.secondsToWait("c24999", nowMs: 24_999) == nil) }
    #expect(limiter.secondsToWait("c24999", nowMs: 24_999) != nil)
  }
}
