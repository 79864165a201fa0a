/// The HTTP listener.
package struct HTTPSettings: Sendable {
  /// A name or an address, without brackets.
  package var host: String
  /// 0 lets the system choose.
  package var port: Int
  package var isEnabled: Bool
  package var tokenFile: String?
  /// Whether reading needs the token too.
  package var needsTokenForReads = false
  /// The users; nil: there is only the token.
  package var usersFile: String?
  /// The identity provider; nil without one.
  package var oidc: OIDCSettings?
  /// Nil without one.
  package var trustedProxy: TrustedProxySettings?
  /// A session ends when it was not used for that long.
  package var sessionIdleMs: Int64 = 3_600_000
  /// A session ends that long after the login.
  package var sessionLifetimeMs: Int64 = 43_200_000
  /// PEM files; both or neither.
  package var certFile: String?
  package var keyFile: String?
  /// The allowed clients; empty: every address.
  package var allowed: [AddressRange] = []
  /// Names for the Host header besides loopback names and `host`; for an empty list see `AccessRules`.
  package var hosts: [String] = []
  package var corsOrigins: [String] = []
  /// Requests a second of one client; 0 for no limit.
  package var rateLimit = 0
  package var maxBodyBytes = 262_144
  package var maxConnections = 2048
  package var maxConnectionsPerClient = 1024
  package var maxStreams = 256
  package var idleTimeoutMs: Int64 = 60_000
  package var requestTimeoutMs: Int64 = 15_000

  /// Whether users can prove who they are, beside the token.
  package var hasUsers: Bool { usersFile != nil || oidc != nil || trustedProxy != nil }

  /// Whether only this machine can reach it.
  package var isLoopback: Bool { Self.isLoopback(host) }

  /// Names other than `localhost` are not loopback, not even `127.example.com`: their address can change.
  package static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map(SettingValue.digits)
    return numbers.count == 4 && numbers[0] == 127 && numbers.allSatisfy { $0.map { $0 < 256 } ?? false }
  }

  /// The bearer token: the file's text without its final line end; nil when no file is set.
  ///
  /// - Throws: `SettingsError`, which names the file and never its content.
  package func readToken() throws -> String? {
    try tokenFile.map { try SecretFile.read($0, for: "http.token_file") }
  }
}
