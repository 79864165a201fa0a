/// The small HTTP listener.
package struct HTTPSettings: Sendable {
  package var host: String
  /// 0 lets the system choose.
  package var port: Int
  package var isEnabled: Bool
  package var tokenFile: String?

  /// Whether only this machine can reach it.
  package var isLoopback: Bool { Self.isLoopback(host) }

  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  package func readToken() throws -> String? {
    try tokenFile.map { try SecretFile.read($0, for: "http.token_file") }
  }
}
