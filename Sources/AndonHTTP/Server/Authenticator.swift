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
  }

  private let token: String?
  private let users: UserDirectory?
  private let sessions: SessionTable?
  /// Whether everything may be read without a proof.
  private let readingIsOpen: Bool
  let cookie: SessionCookie

  /// - Parameter token: the text of `http.token_file`.
  init(_ settings: HTTPSettings, token: String?, users: UserDirectory?, sessions: SessionTable?) {
    self.token = token
    self.users = users
    self.sessions = sessions
    let needsToken = token != nil && (settings.needsTokenForReads || !settings.isLoopback)
    readingIsOpen = users == nil && !needsToken
    cookie = SessionCookie(isSecure: settings.certFile != nil, lifetimeMs: settings.sessionLifetimeMs)
  }

  /// Whether there are users who can log in.
  var hasLogin: Bool { sessions != nil }

  /// A bearer token wins over a session.
  func identify(_ headers: HTTPFields) -> Found {
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
      for id in cookie.ids(in: headers) {
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
    guard caller.proof == .none else {
      throw Problem(
        status: 403, code: "forbidden",
        detail: "the role \(caller.role?.rawValue ?? "") does not allow it: it needs \(capability.rawValue)")
    }
    guard token != nil || users != nil else {
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
