import Foundation
import Synchronization

/// A TCP proxy on loopback whose connections can be cut once, or cut themselves repeatedly.
public final class FlakyProxy: Sendable {
  public let port: Int32
  private let listener: Int32
  private let target: Int32
  private let open = Mutex<Set<Int32>>([])
  private let accepted = Atomic(0)

  /// How many connections were made so far.
  public var connections: Int { accepted.load(ordering: .relaxed) }

  public init(to target: Int32) throws {
    self.target = target
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = Self.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { [listener] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    port = Int32(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [weak self, listener] in
      while true {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else { return }
        guard let self else {
          close(peer)
          return
        }
        self.accepted.add(1, ordering: .relaxed)
        self.join(peer)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    cut()
  }

  /// Cuts every connection in both directions, with the data under way.
  public func cut() {
    open.withLock { open in for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }

  private static func loopback(_ port: Int32) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  private func join(_ peer: Int32) {
    let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = Self.loopback(target)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else {
      close(peer)
      close(other)
      return
    }
    open.withLock { $0.formUnion([peer, other]) }
    let running = Countdown(2) { [weak self] in
      self?.open.withLock { $0.subtract([peer, other]) }
      close(peer)
      close(other)
    }
    for (from, to) in [(peer, other), (other, peer)] {
      Thread.detachNewThread {
        Self.copy(from, to)
        running.end()
      }
    }
  }

  private static func copy(_ from: Int32, _ to: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(from, &buffer, buffer.count)
      guard count > 0 else { break }
      var sent = 0
      while sent < count {
        let step = buffer.withUnsafeBytes {
          send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
        }
        guard step > 0 else { break }
        sent += step
      }
      if sent < count { break }
    }
    shutdown(from, Int32(SHUT_RDWR))
    shutdown(to, Int32(SHUT_RDWR))
  }
}

/// Runs a function when all of several threads have ended.
private final class Countdown: Sendable {
  private let left: Mutex<Int>
  private let body: @Sendable () -> Void

  init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    left = Mutex(count)
    self.body = body
  }

  func end() {
    let isLast = left.withLock { left in
      left -= 1
      return left == 0
    }
    if isLast { body() }
  }
}
