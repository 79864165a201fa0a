public import Foundation
public import Mosquitto
import Synchronization

/// A real mosquitto with a folder of its own; it ends with this value.
///
/// `Sendable`: calls from several threads are serialized.
public final class Broker: Sendable {
  public enum Transport: Sendable { case tcp, unixSocket }

  /// The set-up of the broker; `lines` go below the listener's.
  public struct Options: Sendable {
    public var transport = Transport.tcp
    public var allowsAnonymous = true
    /// Sessions and retained messages survive `stop` and `restart`, but not a kill.
    public var isPersistent = false
    public var lines: [String]

    public init(
      transport: Transport = .tcp, allowsAnonymous: Bool = true, isPersistent: Bool = false,
      lines: [String] = []
    ) {
      self.transport = transport
      self.allowsAnonymous = allowsAnonymous
      self.isPersistent = isPersistent
      self.lines = lines
    }
  }

  public static let executable = "/usr/sbin/mosquitto"

  /// Where clients connect: for a Unix domain socket the host is its path and the port is 0.
  public let host: String
  public let port: Int32
  /// Its folder: configuration, log, persistence.
  public let folder: URL
  private let process = Mutex<ChildProcess?>(nil)

  /// Starts a broker and waits until it accepts. `folder` contains files that the configuration names.
  public init(_ options: Options = Options(), folder: URL? = nil) throws {
    self.folder = try folder ?? TemporaryFolder.make("broker")
    switch options.transport {
    case .tcp:
      host = "127.0.0.1"
      port = try Self.freePort()
    case .unixSocket:
      host = self.folder.appending(path: "mqtt.sock").path
      port = 0
    }
    try configuration(options).write(
      to: self.folder.appending(path: "mosquitto.conf"), atomically: true, encoding: .utf8)
    try start()
  }

  deinit {
    stop(signal: SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  private func configuration(_ options: Options) -> String {
    var lines = [
      "per_listener_settings false", "log_dest file \(folder.path)/broker.log", "log_type all",
      "max_queued_messages 1000000", "set_tcp_nodelay true",
      "allow_anonymous \(options.allowsAnonymous)", "persistence \(options.isPersistent)",
      "persistence_location \(folder.path)/",
    ]
    // As root the broker would switch to another user, who cannot read the folder.
    if geteuid() == 0 { lines.append("user root") }
    lines.append(port == 0 ? "listener 0 \(host)" : "listener \(port) 127.0.0.1")
    return (lines + options.lines).joined(separator: "\n") + "\n"
  }

  /// Settings for a client of this broker.
  public func settings(clientID: String = "test-\(UUID().uuidString.prefix(8))") -> ConnectionSettings {
    ConnectionSettings(host: host, port: port, clientID: clientID)
  }

  /// Its log so far.
  public var log: String {
    (try? String(contentsOf: folder.appending(path: "broker.log"), encoding: .utf8)) ?? ""
  }

  public var processIdentifier: Int32? { process.withLock { $0?.identifier } }

  /// Ends the broker with a signal and waits for its end; does nothing when it is not running.
  public func stop(signal: Int32 = SIGTERM) {
    process.withLock { process in
      process?.signal(signal)
      // A frozen process takes only SIGKILL.
      process?.signal(SIGCONT)
      // Mosquitto forgets a SIGTERM that arrives just before its main loop begins.
      while let running = process, (try? waitUntil("its end", seconds: 5) { running.exitCode != nil }) == nil
      {
        running.signal(signal)
      }
      process = nil
    }
  }

  /// Freezes (SIGSTOP) the broker: its kernel still acknowledges, but it answers nothing.
  public func freeze() { process.withLock { $0?.signal(SIGSTOP) } }

  /// Resumes a frozen broker.
  public func thaw() { process.withLock { $0?.signal(SIGCONT) } }

  /// Starts it again on the same port, with the same folder.
  public func restart() throws {
    stop()
    try start()
  }

  /// Starts a stopped broker, and waits until it accepts.
  public func start() throws {
    let child = try ChildProcess(
      Self.executable, ["-c", folder.appending(path: "mosquitto.conf").path],
      output: folder.appending(path: "output").path)
    let deadline = ContinuousClock.now + .seconds(60)
    while !accepts() {
      guard child.exitCode == nil, ContinuousClock.now < deadline else {
        child.signal(SIGKILL)
        child.wait()
        throw BrokerFailure(log: log)
      }
      // The broker cannot report that it is ready: try again until it accepts.
      usleep(2_000)
    }
    process.withLock { $0 = child }
  }

  private func accepts() -> Bool {
    if port == 0 {
      return withSocket(AF_UNIX) { descriptor in
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: host.utf8.prefix($0.count - 1)) }
        return connects(descriptor, &address)
      }
    }
    return withSocket(AF_INET) { descriptor in
      var address = Self.loopback(port: UInt16(port))
      return connects(descriptor, &address)
    }
  }

  private func connects<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
    withUnsafeBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return connect(descriptor, pointer, socklen_t(bytes.count)) == 0
    }
  }

  private func withSocket(_ family: Int32, _ body: (Int32) -> Bool) -> Bool {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return body(descriptor)
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  /// A free loopback port; the system assigns it again only after many others.
  public static func freePort() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return Int32(UInt16(bigEndian: address.sin_port))
  }
}
