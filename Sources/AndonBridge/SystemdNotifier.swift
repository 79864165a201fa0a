package import AndonStatus
import Dispatch
import Glibc
import ServiceLifecycle

/// Notifies systemd that the bridge is ready, alive and stopping (`sd_notify(3)`, a datagram to the socket in
/// `NOTIFY_SOCKET`), with the state of its sites for `systemctl status`.
///
/// The watchdog is fed while tasks run and the status board can be read: systemd restarts a process that
/// hangs. An unreachable broker or disk does not trigger it; the sites' health reports that.
package struct SystemdNotifier: Service {
  private let socketPath: String
  /// How often the watchdog is fed: half of systemd's time-out; nil without a watchdog.
  package let watchdogInterval: Duration?
  private let board: StatusBoard
  private static let statusInterval: Duration = .seconds(1)

  /// - Parameter environment: The environment of the process, with `NOTIFY_SOCKET`, `WATCHDOG_USEC` and
  ///   `WATCHDOG_PID`.
  /// - Returns: nil without `NOTIFY_SOCKET`, e.g. in a terminal or a container.
  package init?(environment: [String: String], board: StatusBoard, processIdentifier: Int32 = getpid()) {
    // An absolute path, or the @ of a name in the abstract name space.
    guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else {
      return nil
    }
    socketPath = path
    self.board = board
    let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == processIdentifier } ?? true
    if isMeant, let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0 {
      watchdogInterval = .microseconds(microseconds / 2)
    } else {
      watchdogInterval = nil
    }
  }

  package func run() async throws {
    let first = Self.words(board.snapshot)
    send("READY=1\nSTATUS=\(first)")
    await cancelWhenGracefulShutdown {
      var status = first
      var fedAt = ContinuousClock.now
      let step = min(watchdogInterval ?? Self.statusInterval, Self.statusInterval)
      while !Task.isCancelled {
        do { try await Task.sleep(for: step) } catch { break }
        let words = Self.words(board.snapshot)
        if words != status {
          status = words
          send("STATUS=\(status)")
        }
        // A step early rather than a step late.
        if let watchdogInterval, ContinuousClock.now + step > fedAt + watchdogInterval {
          fedAt = .now
          send("WATCHDOG=1")
        }
      }
    }
    send("STOPPING=1")
  }

  /// A reload begins: `systemctl reload` waits until `reloaded`. `Type=notify-reload` (systemd 253) needs the
  /// time; with `Type=notify`, as in Debian 12, it does no harm.
  func reloading() {
    // CLOCK_MONOTONIC; ContinuousClock uses another clock on Linux.
    send("RELOADING=1\nMONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)")
  }

  func reloaded() { send("READY=1\nSTATUS=\(Self.words(board.snapshot))") }

  /// One line for `systemctl status`.
  package static func words(_ sites: [SiteStatus]) -> String {
    let running = sites.count { $0.isConnected && $0.trouble == nil }
    let troubles = sites.compactMap { site in site.trouble.map { "\(site.siteID): \($0)" } }
    let line = (["\(running) of \(sites.count) sites running"] + troubles.prefix(3)).joined(separator: "; ")
    // A line break would begin the next assignment.
    return String(line.map { $0.isNewline ? " " : $0 })
  }

  /// Sends one datagram. Errors are ignored: systemd may not be listening.
  private func send(_ text: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(socketPath.utf8)
    // In the abstract name space a zero byte stands for the @.
    let isAbstract = name[0] == UInt8(ascii: "@")
    if isAbstract { name[0] = 0 }
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard name.count < room else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let head = MemoryLayout<sockaddr_un>.size - room
    let length = socklen_t(head + name.count + (isAbstract ? 0 : 1))
    let bytes = Array(text.utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        // The queue is full when the listener does not read: waiting for it could block the process.
        _ = sendto(
          descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
      }
    }
  }
}
