import HTTPTypes

/// The cookie that holds the id of a session.
struct SessionCookie: Sendable {
  /// Over https. Then the name begins with `__Host-`: browsers take such a cookie only from this very host, so that no
  /// other one can set it.
  var isSecure: Bool
  var lifetimeMs: Int64

  var name: String { isSecure ? "__Host-andon" : "andon" }

  private var attributes: String { "; Path=/; HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "") }

  /// The value of `Set-Cookie`.
  func setting(_ id: String) -> String { "\(name)=\(id)\(attributes); Max-Age=\(lifetimeMs / 1000)" }

  var clearing: String { "\(name)=\(attributes); Max-Age=0" }

  /// The values of all cookies of this name, at most four.
  func ids(in headers: HTTPFields) -> [String] {
    let pairs = headers[values: .cookie].flatMap { $0.split(separator: ";") }
    return pairs.compactMap { pair in
      let parts = pair.drop { $0 == " " }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 && parts[0] == name ? String(parts[1]) : nil
    }.prefix(4).map(\.self)
  }
}
