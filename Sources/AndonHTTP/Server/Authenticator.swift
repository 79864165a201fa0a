import AndonAccess
import AndonConfiguration
import HTTPTypes

/// Finds out who sent a request, and whether that caller may do what it asks for.
struct Authenticator: Sendable {
  /// What a request proved.
  struct Found: Sendable {
    var caller: Caller
    /// It brought a bearer token that is none of ours.
    var hasWrongToken = false
    /// Why the headers of a trusted proxy prove nothing; nil when there are none, or they do.
    var proxyComplaint: String?
    /// Until when the proof is valid, epoch milliseconds; nil: as long as the same request would be identified.
    var untilMs: Int64?
  }

  private let token: String?
  private let users: UserDirectory?
  private let sessions: SessionTable?
  private let oidc: OIDCVerifier?
  private let proxy: TrustedProxySettings?
  private let isTLS: Bool
  private let lifetimeMs: Int64
  /// Whether everything may be read without a proof.
  private let readingIsOpen: Bool

  /// - Parameter token: the text of `http.token_file`.
  init(
    _ settings: HTTPSettings, token: String?, users: UserDirectory?, sessions: SessionTable?,
    oidc: OIDCVerifier? = nil
  ) {
    self.token = token
    self.users = users
    self.sessions = sessions
    let needsToken = token != nil && (settings.needsTokenForReads || !settings.isLoopback)
    self.oidc = oidc
    proxy = settings.trustedProxy
    readingIsOpen = !settings.hasUsers && !needsToken
    isTLS = settings.certFile != nil
    lifetimeMs = settings.sessionLifetimeMs
  }

  /// Whether there are users who can log in.
  var hasLogin: Bool { sessions != nil }

  /// Also asks the identity provider's keys.
  func identify(_ headers: HTTPFields, peer: String) async -> Found {
    let found = identifyHere(headers, peer: peer)
    guard found.hasWrongToken, let oidc, let text = headers[.authorization].flatMap(Self.bearer),
      let (caller, untilMs) = await oidc.caller(text)
    else { return found }
    return Found(caller: caller, untilMs: untilMs)
  }

  /// The user whom a trusted proxy names; nil without its headers. A header that came twice is no proof: one of them may
  /// be the client's. Nothing is guessed: a word that is no role is a mistake in the proxy, not a role with few rights.
  private func proxyUser(_ headers: HTTPFields, _ peer: String) -> Found? {
    guard let proxy, proxy.contains(peer), let userName = HTTPField.Name(proxy.userHeader),
      let roleName = HTTPField.Name(proxy.roleHeader)
    else { return nil }
    let (named, roles) = (headers[values: userName], headers[values: roleName])
    if named.isEmpty, roles.isEmpty { return nil }
    func refusal(_ words: String) -> Found {
      Found(caller: .anonymous(readingIsOpen: false), proxyComplaint: words)
    }
    guard named.count == 1, roles.count < 2 else {
      return refusal("the proxy must send \(proxy.userHeader) once and \(proxy.roleHeader) at most once")
    }
    guard UserRecord.isName(named[0]) else { return refusal("\(proxy.userHeader) is not the name of a user") }
    guard let word = roles.first else {
      guard let user = users?[named[0]] else {
        return refusal("there is no \(proxy.roleHeader), and http.users_file does not have this user")
      }
      return Found(caller: Caller(user, proof: .proxy))
    }
    guard let role = Role(rawValue: word) else {
      let words = Role.allCases.map(\.rawValue).joined(separator: ", ")
      return refusal("\(proxy.roleHeader) must be one of \(words)")
    }
    return Found(caller: .external(user: named[0], role: role, sites: nil, proof: .proxy))
  }

  private static func single(_ name: String, _ headers: HTTPFields) -> String? {
    guard let name = HTTPField.Name(name) else { return nil }
    let values = headers[values: name]
    return values.count == 1 ? values[0] : nil
  }

  /// The client's address; that of the client of a trusted proxy, as the proxy itself says it last.
  func client(_ headers: HTTPFields, peer: String) -> String {
    guard let proxy, proxy.contains(peer), let name = HTTPField.Name("X-Forwarded-For"),
      let last = headers[values: name].last?.split(separator: ",").last
    else { return peer }
    let address = String(last.filter { $0 != " " })
    return AddressRange(address) == nil ? peer : address
  }

  /// The session's cookie, for a client that speaks https here or with a trusted proxy.
  func cookie(_ headers: HTTPFields, peer: String) -> SessionCookie {
    let isProxied = proxy?.contains(peer) == true && Self.single("X-Forwarded-Proto", headers) == "https"
    return SessionCookie(isSecure: isTLS || isProxied, lifetimeMs: lifetimeMs)
  }

  /// Without the identity provider. A trusted proxy comes first, then a bearer token, then a session.
  func identifyHere(_ headers: HTTPFields, peer: String) -> Found {
    if let found = proxyUser(headers, peer) { return found }
    let nobody = Caller.anonymous(readingIsOpen: readingIsOpen)
    if let authorization = headers[.authorization] {
      guard let text = Self.bearer(authorization) else { return Found(caller: nobody, hasWrongToken: true) }
      if let token, RandomToken.equal(Array(text.utf8), Array(token.utf8)) {
        return Found(caller: .sharedToken)
      }
      if let user = users?.owner(ofToken: text) { return Found(caller: Caller(user, proof: .userToken)) }
      return Found(caller: nobody, hasWrongToken: true)
    }
    if let sessions {
      // A foreign cookie of the same name may come first.
      for id in cookie(headers, peer: peer).ids(in: headers) {
        if let user = sessions.user(of: id) { return Found(caller: Caller(user, proof: .session)) }
      }
    }
    return Found(caller: nobody)
  }

  /// The scheme is case-insensitive (RFC 9110, 11.1); the token is not.
  private static func bearer(_ authorization: String) -> String? {
    authorization.prefix(7).lowercased() == "bearer " ? String(authorization.dropFirst(7)) : nil
  }

  /// - Throws: 401 when a proof is missing, 403 when the role does not allow it.
  func check(_ need: Operation.Need, _ found: Found) throws(Problem) {
    switch need {
    case .nothing: return
    case .capability(let capability): try check(capability, found)
    case .capabilityEverywhere(let capability):
      try check(capability, found)
      guard found.caller.sites == nil else {
        throw Problem(
          status: 403, code: "forbidden", detail: "this is not of one site: it needs a role for all sites")
      }
    }
  }

  func check(_ capability: Capability, _ found: Found) throws(Problem) {
    let caller = found.caller
    if caller.may(capability) { return }
    if let words = found.proxyComplaint { throw Problem(status: 403, code: "proxy", detail: words) }
    guard caller.proof == .none else {
      throw Problem(
        status: 403, code: "forbidden",
        detail: "the role \(caller.role?.rawValue ?? "") does not allow it: it needs \(capability.rawValue)")
    }
    guard token != nil || !readingIsOpen else {
      throw Problem(
        status: 403, code: "read_only",
        detail: "nothing can be written here until http.token_file or http.users_file is set")
    }
    throw complaint(found)
  }

  static let wrongToken = "wrong_token"

  private func complaint(_ found: Found) -> Problem {
    var headers = [("WWW-Authenticate", "Bearer realm=\"andon\"")]
    // The dashboard goes there.
    if hasLogin { headers.append(("Link", "</login>; rel=\"login\"")) }
    let needed = hasLogin ? "a login or a bearer token is required" : "a bearer token is required"
    return Problem(
      status: 401, code: found.hasWrongToken ? Self.wrongToken : "token_needed",
      detail: found.hasWrongToken ? "this bearer token is none of those that are valid here" : needed,
      field: "Authorization", headers: headers)
  }
}
