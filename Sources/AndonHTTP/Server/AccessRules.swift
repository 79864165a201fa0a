import AndonConfiguration

/// Who may use the listener, and for what.
struct AccessRules: Sendable {
  private let allowed: [AddressRange]
  private let token: String?
  private let needsTokenForReads: Bool
  /// Nil: any name is accepted.
  private let hosts: Set<String>?
  private static let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressRange.init)

  init(_ settings: HTTPSettings, token: String?) {
    allowed = settings.allowed
    self.token = token
    needsTokenForReads = token != nil && (settings.needsTokenForReads || !settings.isLoopback)
    hosts =
      settings.isLoopback || !settings.hosts.isEmpty
      ? Set((settings.hosts + [settings.host]).map { $0.lowercased() }) : nil
  }

  /// Whether the listener accepts this Host header; without one (HTTP/1.0) it does.
  ///
  /// On a loopback address reading needs no token, so a web page must not reach the listener under a name
  /// that it points to this machine (DNS rebinding).
  func answers(to host: String?) -> Bool {
    guard let hosts, let host else { return true }
    let name = Self.name(in: host.lowercased())
    return HTTPSettings.isLoopback(name) || hosts.contains(name)
  }

  /// The host of `name:80`, `name.`, `[::1]:80`, without port, brackets and the final dot.
  private static func name(in host: String) -> String {
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    let name = host.prefix { $0 != ":" }
    return String(name.hasSuffix(".") ? name.dropLast() : name)
  }

  func lets(_ client: String) -> Bool {
    allowed.isEmpty || client == "local" || (allowed + Self.loopback).contains { $0.contains(client) }
  }

  /// Whether the request may read; `authorization` is the unmodified header.
  func mayRead(_ authorization: String?) -> Bool { !needsTokenForReads || hasToken(authorization) }

  func check(_ access: Endpoint.Access, _ authorization: String?) throws(Problem) {
    switch access {
    case .open: return
    case .read: guard mayRead(authorization) else { throw Self.complaint(authorization) }
    case .write:
      guard token != nil else {
        throw Problem(
          status: 403, code: "read_only", detail: "nothing can be written here until http.token_file is set")
      }
      guard hasToken(authorization) else { throw Self.complaint(authorization) }
    }
  }

  static let wrongToken = "wrong_token"

  private static func complaint(_ authorization: String?) -> Problem {
    Problem(
      status: 401, code: authorization == nil ? "token_needed" : wrongToken,
      detail: authorization == nil
        ? "a bearer token is required" : "this bearer token is not the one in http.token_file",
      field: "Authorization", headers: [("WWW-Authenticate", "Bearer realm=\"andon\"")])
  }

  /// The scheme is case-insensitive (RFC 9110, 11.1); the token is not.
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
