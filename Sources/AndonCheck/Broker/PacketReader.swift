import Foundation

/// Reads whole MQTT packets from a socket. Only small packets are expected: one beyond 64 KiB ends the
/// reading.
struct PacketReader {
  struct Packet {
    /// The control packet's type, 1…15.
    let type: UInt8
    let body: [UInt8]
  }

  private let descriptor: Int32
  private var bytes: [UInt8] = []
  /// The peer has closed.
  private(set) var hasEnded = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The next packet; nil when none came in time, or the peer closed.
  mutating func next(within limit: Duration) -> Packet? {
    let deadline = ContinuousClock.now + limit
    while true {
      if let packet = nextPacket() { return packet }
      let left = (deadline - .now) / .milliseconds(1)
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard !hasEnded, bytes.count < 65_536, left > 0, poll(&poller, 1, Int32(left.rounded(.up))) > 0 else {
        return nil
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { bytes += buffer.prefix(count) } else if count == 0 || errno != EAGAIN { hasEnded = true }
    }
  }

  private mutating func nextPacket() -> Packet? {
    var length = 0
    var position = 1
    while true {
      guard position < bytes.count, position < 5 else { return nil }
      length |= Int(bytes[position] & 127) << (7 * (position - 1))
      position += 1
      if bytes[position - 1] < 128 { break }
    }
    guard bytes.count >= position + length else { return nil }
    defer { bytes.removeFirst(position + length) }
    return Packet(type: bytes[0] >> 4, body: Array(bytes[position..<position + length]))
  }
}
