import Foundation

/// How to reach the broker.
package struct BrokerSettings: Sendable {
  package struct TLS: Sendable {
    package var caFile: String?
    package var certFile: String?
    package var keyFile: String?
  }

  package var host: String
  package var port: Int
  package var username: String?
  package var passwordFile: String?
  /// Present for `mqtts`.
  package var tls: TLS?
  package var sessionExpirySeconds: UInt32
  package var keepAliveSeconds: Int

  /// The password: `ANDON_BROKER_PASSWORD`, else the file's text without its last line feed, else nil.
  ///
  /// - Throws: an error that names the file and never its content.
  package func readPassword(environment: [String: String]) throws -> String? {
    if let password = environment["ANDON_BROKER_PASSWORD"] { return password }
    return try passwordFile.map { try SecretFile.read($0, for: "broker.password_file") }
  }
}
