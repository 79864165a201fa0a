public import Foundation
import Synchronization

/// A real PostgreSQL of Debian's package, on a loopback port and in a folder of its own; it ends with this value, or at
/// the latest a second after the test process.
///
/// The superuser `postgres` needs no password; others do. PostgreSQL refuses to run as root, so as root it runs as the
/// user `postgres`.
public final class PostgresServer: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// The one that the tests of a process share; each has a database of its own (`makeDatabase`).
  public static let shared: Result<PostgresServer, any Error> = Result { try PostgresServer() }

  public let port: Int32
  public let folder: URL
  private let programs: String
  private let settings: [String]
  private let process = Mutex<ChildProcess?>(nil)
  private let databases = Mutex(0)

  /// Makes a database cluster and starts it; takes about two seconds.
  ///
  /// - Parameter certificate: With it connections may be encrypted: files of the certificate and of its key.
  public init(certificate: (file: String, key: String)? = nil) throws {
    programs = try Self.findPrograms()
    folder = try TemporaryFolder.make("postgres")
    port = try Broker.freePort()
    // The folders above may be closed for the other user.
    try Self.own(folder.path)
    var settings = [
      "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(folder.path)", "fsync=off",
      "shared_buffers=32MB", "max_connections=80", "log_min_messages=warning", "lc_messages=C",
    ]
    if let certificate {
      let (own, key) = ("\(folder.path)/server.crt", "\(folder.path)/server.key")
      try FileManager.default.copyItem(atPath: certificate.file, toPath: own)
      try FileManager.default.copyItem(atPath: certificate.key, toPath: key)
      for path in [own, key] {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try Self.own(path)
      }
      settings += ["ssl=on", "ssl_cert_file=\(own)", "ssl_key_file=\(key)"]
    }
    self.settings = settings
    try initialize()
    try start()
  }

  deinit {
    stop(signal: SIGQUIT)
    try? FileManager.default.removeItem(at: folder)
  }

  private static func findPrograms() throws -> String {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let newest = versions.compactMap(Int.init).max()
    guard let newest else { throw Failure(description: "there is no PostgreSQL: scripts/bootstrap --tests") }
    return "\(root)/\(newest)/bin"
  }

  private static var isRoot: Bool { geteuid() == 0 }

  /// Before the arguments of a program that must not run as root.
  private static var asUser: [String] {
    isRoot ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
  }

  private static func own(_ path: String) throws {
    if isRoot { try Command.run("/bin/chown", ["postgres:postgres", path]) }
  }

  private func initialize() throws {
    let arguments =
      Self.asUser + ["\(programs)/initdb", "-D", "\(folder.path)/data", "-U", "postgres"]
      + ["--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync", "--no-instructions"]
    try Command.run(arguments[0], Array(arguments.dropFirst()))
    let rules = """
      local all all trust
      host all postgres 127.0.0.1/32 trust
      host all all 127.0.0.1/32 scram-sha-256

      """
    try rules.write(toFile: "\(folder.path)/data/pg_hba.conf", atomically: false, encoding: .utf8)
  }

  /// Starts it, and waits until it accepts.
  public func start() throws {
    let options = settings.flatMap { ["-c", $0] }
    // The shell ends the server when the test process is gone, however that ended.
    let watch = """
      folder=$1; parent=$2; shift 2
      "$@" & server=$!
      trap 'kill -QUIT $server; wait $server; exit 0' QUIT; trap 'kill -INT $server; wait $server; exit 0' INT
      while kill -0 $parent 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.5 & wait $! ; done
      kill -0 $parent 2>/dev/null || { kill -QUIT $server; wait $server; rm -rf "$folder"; }
      """
    let child = try ChildProcess(
      "/bin/sh",
      ["-c", watch, "sh", folder.path, "\(getpid())"] + Self.asUser
        + ["\(programs)/postgres", "-D", "\(folder.path)/data"] + options,
      output: folder.appending(path: "output").path)
    let deadline = ContinuousClock.now + .seconds(60)
    while !isReady {
      guard child.exitCode == nil, ContinuousClock.now < deadline else {
        child.signal(SIGQUIT)
        child.wait()
        throw Failure(description: "PostgreSQL did not start: \(log)")
      }
      // The server writes that it is ready into a file: look again until it is there.
      usleep(5_000)
    }
    process.withLock { $0 = child }
  }

  /// The last line of `postmaster.pid`.
  private var isReady: Bool {
    let text = try? String(contentsOfFile: "\(folder.path)/data/postmaster.pid", encoding: .utf8)
    return text?.split(separator: "\n").last?.hasPrefix("ready") ?? false
  }

  /// Ends it and waits for its end: SIGQUIT at once, as in a crash; SIGINT breaks off sessions.
  public func stop(signal: Int32 = SIGINT) {
    process.withLock { process in
      process?.signal(signal)
      process?.wait()
      process = nil
    }
  }

  /// What the server wrote so far.
  public var log: String {
    (try? String(contentsOf: folder.appending(path: "output"), encoding: .utf8)) ?? ""
  }

  /// The URL of a database for a user; the superuser by default.
  public func url(_ database: String = "postgres", user: String = "postgres", options: String = "") -> String
  {
    "postgresql://\(user)@127.0.0.1:\(port)/\(database)\(options.isEmpty ? "" : "?" + options)"
  }

  /// Makes an empty database and returns its name.
  public func makeDatabase() throws -> String {
    let number = databases.withLock { number in
      number += 1
      return number
    }
    try run("CREATE DATABASE test_\(number) TEMPLATE template0")
    return "test_\(number)"
  }

  /// Runs SQL as the superuser with psql and returns the rows, columns separated by `|`.
  @discardableResult
  public func run(_ sql: String, in database: String = "postgres") throws -> String {
    try Command.run(
      "\(programs)/psql",
      ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder.path, "-p", "\(port)", "-U", "postgres"]
        + ["-d", database, "-c", sql]
    ).trimmingCharacters(in: .newlines)
  }
}
