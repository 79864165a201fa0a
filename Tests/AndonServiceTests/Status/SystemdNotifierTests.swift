import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonStatus

/// What systemd receives, read from a socket in its place.
@Suite(.ownThread) struct SystemdNotifierTests {
  private let folder: URL
  private let descriptor: Int32
  private let path: String

  init() throws {
    folder = try TemporaryFolder.make("notify")
    path = folder.appending(path: "notify.sock").path
    descriptor = try Self.listen(Array(path.utf8) + [0])
  }

  private static func listen(_ name: [UInt8]) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(2 + name.count))
      }
    }
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return descriptor
  }

  /// The next datagram; nil when there is none yet.
  private static func next(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  private func heard(_ descriptor: Int32, until last: String) async throws -> [String] {
    var all: [String] = []
    try await eventually("\(last); heard \(all)") {
      while let text = Self.next(descriptor) {
        all.append(text)
        if text.hasPrefix(last) { return true }
      }
      return false
    }
    return all
  }

  private let board = StatusBoard(bridgeID: "b1", siteIDs: ["plant-a", "plant-b"], startedAtMs: 0)

  @Test(arguments: [false, true])
  func readyThenAliveThenStopping(isAbstract: Bool) async throws {
    let name = "andon-test-\(UUID().uuidString.prefix(8))"
    let listener = isAbstract ? try Self.listen([0] + Array(name.utf8)) : descriptor
    let environment = ["NOTIFY_SOCKET": isAbstract ? "@" + name : path, "WATCHDOG_USEC": "100000"]
    let notifier = try #require(SystemdNotifier(environment: environment, board: board))
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: notifier)], logger: .init(label: "test")))
    let running = Task { try await group.run() }
    let first = try await heard(listener, until: "WATCHDOG=1")
    #expect(first[0] == "READY=1\nSTATUS=0 of 2 sites running")
    _ = try await heard(listener, until: "WATCHDOG=1")
    board.update("plant-a") { $0.isConnected = true }
    let told = try await heard(listener, until: "STATUS=")
    #expect(told.last == "STATUS=1 of 2 sites running")
    await group.triggerGracefulShutdown()
    _ = try await heard(listener, until: "STOPPING=1")
    try await running.value
    close(listener)
  }

  @Test func nobodyAskedMeansNothingToDo() {
    #expect(SystemdNotifier(environment: [:], board: board) == nil)
    #expect(SystemdNotifier(environment: ["NOTIFY_SOCKET": "relative"], board: board) == nil)
    // Intended for another process, e.g. the parent of this one.
    let other = SystemdNotifier(
      environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"], board: board,
      processIdentifier: 7)
    #expect(other?.watchdogInterval == nil)
    let meant = SystemdNotifier(
      environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "7"], board: board,
      processIdentifier: 7)
    #expect(meant?.watchdogInterval == .milliseconds(500))
  }

  /// A socket name that is too long and a socket that is gone are tolerated.
  @Test func aDeafListenerIsBorne() async throws {
    for path in ["/" + String(repeating: "x", count: 200), folder.appending(path: "gone").path] {
      let notifier = try #require(SystemdNotifier(environment: ["NOTIFY_SOCKET": path], board: board))
      let running = Task { try await notifier.run() }
      running.cancel()
      try await running.value
    }
  }
}
