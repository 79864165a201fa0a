import Foundation

/// TCP ports of 127.0.0.1.
enum FreePort {
  /// One that nobody uses at this moment.
  static func find() throws -> Int {
    guard let port = bound(to: 0) else { throw Failure("there is no free TCP port") }
    return port
  }

  static func isFree(_ port: Int) -> Bool { bound(to: port) != nil }

  /// Binds, lets go again and says which port it was; nil when it is taken.
  private static func bound(to port: Int) -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
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
