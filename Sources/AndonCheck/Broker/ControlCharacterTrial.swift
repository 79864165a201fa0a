import Foundation

/// Tries with raw packets whether a broker passes on a topic with a control character (MQTT 5, 1.5.4 advises
/// against them): the client library refuses to send such a topic, and disconnects when it receives one.
///
/// The message is empty, with QoS 0, not retained, and below the bridge's own topics: at worst it
/// disconnects, once, another client that subscribes to everything.
struct ControlCharacterTrial {
  enum Verdict: Sendable, Equatable { case refused, passedOn, unknown }

  let clientID: String
  let username: String?
  let password: String?
  /// The topic, without its last level.
  let topic: String
  private static let limit = Duration.seconds(2)

  /// Opens a connection of its own to the peer of `socket`. Blocks for at most about four seconds.
  func ask(sameAs socket: Int32) -> Verdict {
    guard let peer = Self.connect(sameAs: socket) else { return .unknown }
    defer { close(peer) }
    var reader = PacketReader(peer)
    guard send(connect, to: peer), let answer = reader.next(within: Self.limit), answer.type == 2,
      answer.body.count > 1, answer.body[1] == 0
    else { return .unknown }
    guard send(subscribe, to: peer), let granted = reader.next(within: Self.limit), granted.type == 9,
      granted.body.last.map({ $0 < 0x80 }) == true
    else { return .unknown }
    guard send(publish, to: peer) else { return .refused }
    while let packet = reader.next(within: Self.limit) {
      if packet.type == 3 { return .passedOn }
      if packet.type == 14 { return .refused }
    }
    return reader.hasEnded ? .refused : .unknown
  }

  private static func connect(sameAs socket: Int32) -> Int32? {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard getpeername(socket, pointer, &length) == 0 else { return nil }
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let peer = Glibc.socket(Int32(pointer.pointee.sa_family), flags, 0)
        guard peer >= 0 else { return nil }
        var poller = pollfd(fd: peer, events: Int16(POLLOUT), revents: 0)
        guard Glibc.connect(peer, pointer, length) == 0 || errno == EINPROGRESS, poll(&poller, 1, 2000) == 1,
          poller.revents & Int16(POLLERR) == 0
        else {
          close(peer)
          return nil
        }
        return peer
      }
    }
  }

  // MARK: Packets

  private var connect: [UInt8] {
    let flags: UInt8 = 0x02 | (username == nil ? 0 : 0x80) | (password == nil ? 0 : 0x40)
    var body = text("MQTT") + [5, flags, 0, 60, 0] + text(clientID)
    if let username { body += text(username) }
    if let password { body += text(password) }
    return packet(0x10, body)
  }

  private var subscribe: [UInt8] { packet(0x82, [0, 1, 0] + text("\(topic)/+") + [0]) }

  private var publish: [UInt8] { packet(0x30, text("\(topic)/a\u{1}b") + [0]) }

  private func text(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(65_535))
    return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
  }

  private func packet(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    var rest = body.count
    repeat {
      length.append(UInt8(rest % 128) | (rest > 127 ? 0x80 : 0))
      rest /= 128
    } while rest > 0
    return [type] + length + body
  }

  private func send(_ bytes: [UInt8], to peer: Int32) -> Bool {
    Glibc.send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }
}
