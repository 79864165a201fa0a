import Foundation

/// HTTP as bytes on a socket, for requests that no well-behaved client sends.
public final class RawHTTP {
  private let descriptor: Int32
  /// Whether the peer has closed, as seen by `receive`.
  public private(set) var isClosed = false

  public init(port: Int32) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    // `deinit` closes it after this throws, too.
    guard isConnected else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  deinit { close(descriptor) }

  /// Sends what the peer accepts; returns false when it has closed.
  @discardableResult
  public func send(_ text: String) -> Bool { Self.send(text, to: descriptor) }

  static func send(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Reads until the peer closes, or nothing comes for this long.
  public func receive(seconds: Double = 2) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&poller, 1, Int32(seconds * 1000)) > 0 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else {
        isClosed = true
        break
      }
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// One request and its answer.
  public static func get(port: Int32, path: String, headers: String = "") throws -> String {
    let connection = try RawHTTP(port: port)
    connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n")
    return connection.receive()
  }

  /// Like `get`, with a body.
  public static func post(
    port: Int32, path: String, body: String = "", headers: String = "", seconds: Double = 15
  ) throws -> String {
    let connection = try RawHTTP(port: port)
    connection.send(
      "POST \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n"
        + "\(headers)\r\n\(body)")
    return connection.receive(seconds: seconds)
  }
}
