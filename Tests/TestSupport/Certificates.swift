public import Foundation

/// Certificates made by openssl for one test: two authorities, and certificates of the first.
public final class Certificates: Sendable {
  public let folder: URL

  /// The authority that signed the others, and one that signed nothing.
  public var authority: String { path("ca.crt") }
  public var strangerAuthority: String { path("stranger.crt") }

  /// Makes them; takes a tenth of a second.
  public init() throws {
    folder = try TemporaryFolder.make("tls")
    for name in ["ca", "stranger"] {
      try openssl(
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
          + ["-subj", "/CN=\(name)", "-keyout", key(name), "-out", certificate(name)])
    }
    try issue("server", names: "DNS:localhost,IP:127.0.0.1")
    try issue("elsewhere", names: "DNS:elsewhere.example")
    try issue("client", names: "DNS:client")
    try issue("expired", names: "DNS:localhost,IP:127.0.0.1", days: -1)
    try issueLater("future", names: "DNS:localhost,IP:127.0.0.1")
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  public func certificate(_ name: String) -> String { path("\(name).crt") }
  public func key(_ name: String) -> String { path("\(name).key") }

  /// The lines of a broker's listener with that certificate.
  public func brokerLines(_ name: String = "server") -> [String] {
    ["cafile \(authority)", "certfile \(certificate(name))", "keyfile \(key(name))"]
  }

  private func issue(_ name: String, names: String, days: Int = 2) throws {
    try openssl(
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)"]
        + ["-keyout", key(name), "-out", path("\(name).csr")])
    try "subjectAltName=\(names)\n".write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
    try openssl(
      ["x509", "-req", "-in", path("\(name).csr"), "-CA", authority, "-CAkey", key("ca"), "-CAcreateserial"]
        + ["-days", "\(days)", "-extfile", path("\(name).ext"), "-out", certificate(name)])
  }

  /// Valid from the year 2040 on. Only `openssl ca` takes a first day.
  private func issueLater(_ name: String, names: String) throws {
    try openssl(
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)"]
        + ["-keyout", key(name), "-out", path("\(name).csr")])
    let configuration = """
      [ca]
      default_ca = own
      [own]
      database = \(path("index.txt"))
      serial = \(path("serial.txt"))
      new_certs_dir = \(folder.path)
      default_md = sha256
      policy = any
      [any]
      commonName = supplied
      [names]
      subjectAltName = \(names)

      """
    try configuration.write(toFile: path("ca.cnf"), atomically: true, encoding: .utf8)
    try "".write(toFile: path("index.txt"), atomically: true, encoding: .utf8)
    try "1000\n".write(toFile: path("serial.txt"), atomically: true, encoding: .utf8)
    try openssl(
      ["ca", "-batch", "-notext", "-config", path("ca.cnf"), "-extensions", "names", "-cert", authority]
        + ["-keyfile", key("ca"), "-startdate", "20400101000000Z", "-enddate", "20410101000000Z"]
        + ["-in", path("\(name).csr"), "-out", certificate(name)])
  }

  private func openssl(_ arguments: [String]) throws {
    try Command.run("/usr/bin/openssl", arguments)
  }
}
