/// Who may ask what of the listener.
struct AccessRules: Sendable {
  private let allowed: [AddressRange]
  private let token: String?
  private let needsTokenForReads: Bool
  private static let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressRange.init)

  init(_ settings: HTTPSettings, token: String?) {
    allowed = settings.allowed
    self.token = token
    needsTokenForReads = token != nil && (settings.needsTokenForReads || !settings.isLoopback)
  }

  func lets(_ client: String) -> Bool {
    allowed.isEmpty || client == "local" || (allowed + Self.loopback).contains { $0.contains(client) }
  }

  /// Whether the request may read; `authorization` is the header as it came.
  func mayRead(_ authorization: String?) -> Bool { !needsTokenForReads || hasToken(authorization) }

  func check(_ access: Endpoint.Access, _ authorization: String?) throws(Problem) {
    switch access {
    case .open: return
    case .read: guard mayRead(authorization) else { throw Self.tokenNeeded }
    case .write:
      guard token != nil else {
        throw Problem(
          status: 403, code: "read_only", detail: "nothing can be written here until http.token_file is set")
      }
      guard hasToken(authorization) else { throw Self.tokenNeeded }
    }
  }

  private static let tokenNeeded = Problem(
    status: 401, code: "token_needed", detail: "a bearer token is required", field: "Authorization",
    headers: [("WWW-Authenticate", "Bearer realm=\"andon\"")])

  /// The scheme's name has no case (RFC 9110, 11.1); the token has.
  private func hasToken(_ authorization: String?) -> Bool {
    guard let token, let authorization, authorization.prefix(7).lowercased() == "bearer " else {
      return false
    }
    return Self.equal(Array(authorization.dropFirst(7).utf8), Array(token.utf8))
  }

  /// Takes the same time wherever the first difference is.
  static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    var difference = UInt8(left.count == right.count ? 0 : 1)
    for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : 0) }
    return difference == 0
  }
}
