import Foundation

/// TCP ports of 127.0.0.1.
enum FreePort {
  /// A port that is not in use now.
  static func find() throws -> Int {
    guard let port = bound(to: 0) else { throw Failure("there is no free TCP port") }
    return port
  }

  static func isFree(_ port: Int) -> Bool { bound(to: port) != nil }

  /// This port, or the reason why it cannot be used.
  static func claim(_ port: Int) throws -> Int {
    errno = 0
    guard let port = bound(to: port) else {
      let reason = errno == EADDRINUSE ? "is in use" : "cannot be had: \(String(cString: strerror(errno)))"
      throw Failure(
        "port \(port) of 127.0.0.1 \(reason); give another one with --port, or 0 for any free one")
    }
    return port
  }

  /// Binds, closes again and returns the port; nil, with the reason in `errno`, when it cannot be bound.
  private static func bound(to port: Int) -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer {
      let reason = errno
      close(descriptor)
      errno = reason
    }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
      }
    }
    return result ? Int(UInt16(bigEndian: address.sin_port)) : nil
  }
}
