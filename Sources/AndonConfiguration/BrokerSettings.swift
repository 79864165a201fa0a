/// How to reach the broker.
package struct BrokerSettings: Sendable {
  package struct TLS: Sendable, Equatable {
    package var caFile: String?
    package var certFile: String?
    package var keyFile: String?
  }

  /// `mqtt`, `mqtts` or `mqtt+unix`.
  package var scheme: String
  /// A name, an address, or with `port` 0 the path of a socket (as libmosquitto takes it).
  package var host: String
  /// 1…65535, or 0 for a socket.
  package var port: Int
  package var username: String?
  package var passwordFile: String?
  /// Set for `mqtts`.
  package var tls: TLS?
  package var sessionExpirySeconds: UInt32
  package var keepAliveSeconds: Int

  /// The socket's path when the broker is reached through a socket.
  package var unixSocketPath: String? { port == 0 ? host : nil }

  /// The password: `ANDON_BROKER_PASSWORD`, else the file's text without its final line end, else nil.
  ///
  /// - Throws: `SettingsError`, which names the file and never its content.
  package func readPassword(environment: [String: String]) throws -> String? {
    if let password = environment["ANDON_BROKER_PASSWORD"], !password.isEmpty { return password }
    return try passwordFile.map { try SecretFile.read($0, for: "broker.password_file") }
  }
}
