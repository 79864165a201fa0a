import AndonConfiguration

/// Which addresses may use the listener, and under which names.
struct AccessRules: Sendable {
  private let allowed: [AddressRange]
  /// Nil: any name is accepted.
  private let hosts: Set<String>?
  private static let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressRange.init)

  init(_ settings: HTTPSettings) {
    allowed = settings.allowed
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
}
