import Foundation

/// The address of a receiver: in the configuration, or in a file where the address itself is a secret.
package struct NotifyURL: Sendable, Equatable {
  package var text: String?
  package var file: String?

  package init(text: String? = nil, file: String? = nil) {
    self.text = text
    self.file = file
  }

  /// The address.
  ///
  /// - Throws: `SettingsError`, which names the file and the key, never the content.
  package func read(for key: String, schemes: [String]) throws -> String {
    if let text { return text }
    guard let file else { return "" }
    let url = try SecretFile.read(file, for: key)
    guard let problem = Self.problem(url, schemes: schemes) else { return url }
    throw SettingsError(file: file, path: key, message: problem)
  }

  /// Why a text is no address of a receiver; nil when it is one. Does not contain the text.
  package static func problem(_ text: String, schemes: [String]) -> String? {
    let expected = "must be \(schemes.map { "\($0)://host" }.joined(separator: " or "))"
    // Searched in the text itself: even a broken address may contain a password.
    guard !text.prefix(while: { $0 != "?" }).contains("@") else {
      return "must not hold a user or password: use username and password_file"
    }
    guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), let url = URLComponents(string: text),
      let scheme = url.scheme, schemes.contains(scheme), let host = url.host, !host.isEmpty,
      url.fragment == nil, (1...65_535).contains(url.port ?? 1)
    else { return expected }
    return nil
  }

  /// Scheme, host and port without what may be secret: `https://hooks.example:8443`.
  package static func shown(_ text: String) -> String {
    guard let url = URLComponents(string: text), let scheme = url.scheme, let host = url.host else {
      return "?"
    }
    return "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
  }

  /// For people: where it is, without what may be secret.
  package var shown: String { text.map(Self.shown) ?? "the address in \(file ?? "?")" }

  /// Whether the text sends in the clear to another machine.
  package static func isInTheClear(_ text: String) -> Bool {
    guard let url = URLComponents(string: text), url.scheme == "http" else { return false }
    return !HTTPSettings.isLoopback(bareHost(url))
  }

  /// Whether a mail needs TLS: not to a server on this machine, unless an authority is named for it.
  package static func needsTLS(_ text: String, caFile: String?) -> Bool {
    guard let url = URLComponents(string: text) else { return true }
    return caFile != nil || !HTTPSettings.isLoopback(bareHost(url))
  }

  private static func bareHost(_ url: URLComponents) -> String {
    let host = url.host ?? ""
    return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
  }
}
