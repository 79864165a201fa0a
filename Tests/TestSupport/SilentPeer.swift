import Foundation

/// A loopback address that drops every SYN, as a firewall does: a listener that never accepts and whose
/// backlog is full.
public final class SilentPeer: Sendable {
  public let port: Int32
  private let sockets: [Int32]

  public init() throws {
    let listener = Self.make()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var made = [listener]
    var isFull = false
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(listener, pointer, length) == 0, listen(listener, 0) == 0,
          getsockname(listener, pointer, &length) == 0
        else { return }
        // The first ones find room; the backlog is full when one finds none.
        while made.count < 16, !isFull {
          let client = Self.make()
          made.append(client)
          _ = connect(client, pointer, length)
          var poller = pollfd(fd: client, events: Int16(POLLOUT), revents: 0)
          isFull = poll(&poller, 1, 200) == 0
        }
      }
    }
    sockets = made
    port = Int32(UInt16(bigEndian: address.sin_port))
    guard isFull else { throw WaitFailure(what: "a full backlog") }
  }

  private static func make() -> Int32 {
    socket(
      AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
  }

  deinit { for socket in sockets { close(socket) } }
}
