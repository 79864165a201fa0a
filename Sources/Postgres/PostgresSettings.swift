import CPostgres

/// Where and how to connect.
public struct PostgresSettings: Sendable, Equatable {
  /// One server of the list.
  struct Host: Sendable, Equatable {
    /// A name, an address, or the folder of a Unix domain socket.
    var name: String
    /// Its address where the settings name it; nil: the name is looked up.
    var address: String?
    var port: String

    var isSocket: Bool { name.hasPrefix("/") || name.hasPrefix("@") }

    /// Whether it is this machine.
    var isLocal: Bool {
      let place = address ?? name
      return isSocket || place == "localhost" || place == "::1" || place.hasPrefix("127.")
    }
  }

  public let user: String
  public let database: String
  let hosts: [Host]
  /// libpq's other options.
  let options: [String: String]
  public var password: PostgresPassword?

  /// Servers and database without user and options, for messages: `pg1:5432,pg2:5432/andon`.
  public var place: String { hosts.map { "\($0.name):\($0.port)" }.joined(separator: ",") + "/\(database)" }

  /// The authorities of Debian's package `ca-certificates`.
  static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"
  /// Lies in no folder, so there is never such a file: libpq looks for no file in the home folder instead.
  static let noFile = "/dev/null/none"
  /// Options that would take the password or other options from elsewhere.
  private static let refused = ["password", "passfile", "service", "sslpassword"]

  /// Reads a connection URI (`postgresql://user@host1,host2/database?option=value`) or libpq's `key=value` form.
  ///
  /// It must name user, host and database: nothing is taken from the environment or from the home folder. Without
  /// `sslmode`, a server on another machine must prove its certificate (`verify-full`, and without `sslrootcert` by the
  /// system's authorities).
  ///
  /// - Throws: `usage`, without the text, which could contain a password.
  public init(url: String, password: PostgresPassword? = nil, applicationName: String = "andon")
    throws(PostgresError)
  {
    var given = try Self.parse(url)
    for name in Self.refused where given[name] != nil {
      throw PostgresError(.usage, "\(name) must not stand in the URL: the password comes from a file")
    }
    func required(_ name: String) throws(PostgresError) -> String {
      guard let value = given.removeValue(forKey: name), !value.isEmpty else {
        throw PostgresError(
          .usage, "it must name user, host and database: postgresql://user@host/database; \(name) is missing")
      }
      return value
    }
    user = try required("user")
    database = try required("dbname")
    hosts = try Self.hosts(
      try required("host"), given.removeValue(forKey: "hostaddr"), given.removeValue(forKey: "port"))
    if given["target_session_attrs"] == "prefer-standby" {
      throw PostgresError(
        .usage, "target_session_attrs=prefer-standby is not known here; use any or read-write")
    }
    // The caller has its own deadline.
    given["connect_timeout"] = nil
    let isLocal = hosts.allSatisfy(\.isLocal)
    let mode = given["sslmode"] ?? (isLocal ? "prefer" : "verify-full")
    given["sslmode"] = mode
    if given["sslrootcert"] == nil {
      given["sslrootcert"] = mode.hasPrefix("verify") ? Self.systemAuthorities : Self.noFile
    }
    let usual = [
      "client_encoding": "UTF8", "application_name": applicationName, "passfile": Self.noFile,
      "sslcert": Self.noFile, "sslkey": Self.noFile, "sslcrl": Self.noFile, "gssencmode": "disable",
    ]
    options = given.merging(usual) { given, _ in given }
    self.password = password
  }

  private static func parse(_ url: String) throws(PostgresError) -> [String: String] {
    guard let list = unsafe PQconninfoParse(url, nil) else {
      throw PostgresError(.usage, "it is no valid connection URL: postgresql://user@host/database?sslmode=…")
    }
    defer { unsafe PQconninfoFree(list) }
    var options: [String: String] = [:]
    var next = unsafe list
    while let keyword = unsafe next.pointee.keyword {
      if let value = unsafe next.pointee.val {
        unsafe options[String(cString: keyword)] = String(cString: value)
      }
      unsafe next += 1
    }
    return options
  }

  private static func hosts(
    _ names: String, _ addresses: String?, _ ports: String?
  ) throws(PostgresError) -> [Host] {
    func items(_ text: String) -> [String] {
      text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let names = items(names)
    let addresses = addresses.map(items) ?? names.map { _ in "" }
    var ports = ports.map(items) ?? [""]
    if ports.count == 1 { ports = names.map { _ in ports[0] } }
    guard addresses.count == names.count, ports.count == names.count, names.allSatisfy({ !$0.isEmpty }) else {
      throw PostgresError(.usage, "the lists of hosts, addresses and ports have different lengths")
    }
    return names.indices.map { index in
      Host(
        name: names[index], address: addresses[index].isEmpty ? nil : addresses[index],
        port: ports[index].isEmpty ? "5432" : ports[index])
    }
  }

  /// Keywords and values for one server at one address; nil: as its socket.
  func parameters(_ host: Host, address: String?) -> [(String, String)] {
    var parameters = options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    parameters += [("user", user), ("dbname", database), ("host", host.name), ("port", host.port)]
    if let address { parameters.append(("hostaddr", address)) }
    if let password { parameters.append(("password", password.revealed)) }
    return parameters
  }
}
