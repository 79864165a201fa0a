import Foundation

/// A listener that answers the first packet of every connection with given bytes and then stays silent, for
/// answers that no real broker gives.
public final class ScriptedBroker: Sendable {
  public let port: Int32
  private let listener: Int32

  public init(_ answers: [[UInt8]]) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { [listener] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    port = Int32(UInt16(bigEndian: address.sin_port))
    let bytes = answers.flatMap(\.self)
    Thread.detachNewThread { [listener] in
      while true {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else { return }
        Thread.detachNewThread { Self.serve(peer, bytes) }
      }
    }
  }

  // MARK: Packets

  /// CONNACK that accepts the connection.
  public static func connack(sessionPresent: Bool = true) -> [UInt8] {
    [0x20, 0x03, sessionPresent ? 1 : 0, 0x00, 0x00]
  }

  /// SUBACK for that packet id: a granted QoS or a reason for each filter. The ids of a connection's
  /// subscriptions count from 1.
  public static func suback(_ id: UInt8, _ codes: [UInt8]) -> [UInt8] {
    [0x90, UInt8(3 + codes.count), 0x00, id, 0x00] + codes
  }

  /// PUBLISH with QoS 1.
  public static func publish(_ topic: String, _ payload: String, id: UInt8 = 1) -> [UInt8] {
    let body =
      [0x00, UInt8(topic.utf8.count)] + Array(topic.utf8) + [0x00, id, 0x00] + Array(payload.utf8)
    let length =
      body.count < 128 ? [UInt8(body.count)] : [UInt8(body.count % 128) | 0x80, UInt8(body.count / 128)]
    return [0x32] + length + body
  }

  private static func serve(_ peer: Int32, _ bytes: [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    if read(peer, &buffer, buffer.count) > 0 {
      _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      // Until the client closes.
      while read(peer, &buffer, buffer.count) > 0 {}
    }
    close(peer)
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}
