import Foundation

/// Whether a host that does not answer at one port listens at another: the likeliest reason is a wrong port.
struct OtherPorts {
  let host: String
  /// The port that was tried; 0 for a socket of this machine, where there is nothing to look for.
  let besides: Int
  private static let limitMs: Int32 = 1000

  /// `port 8883 of 10.0.0.5 answers: correct broker.url; `, or nothing. Blocks for a second a port at most.
  func advice(_ ports: [Int]) -> String {
    guard besides != 0 else { return "" }
    let answering = ports.filter { $0 != besides && answers($0) }
    guard !answering.isEmpty else { return "" }
    let names = answering.map { $0 == 8883 ? "8883 (usually TLS, mqtts://)" : "\($0)" }
    return "port \(names.joined(separator: " and ")) of \(host) answers; "
  }

  private func answers(_ port: Int) -> Bool {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = list else { return false }
    defer { freeaddrinfo(first) }
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let peer = socket(first.pointee.ai_family, flags, 0)
    guard peer >= 0 else { return false }
    defer { close(peer) }
    if connect(peer, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 { return true }
    guard errno == EINPROGRESS else { return false }
    var poller = pollfd(fd: peer, events: Int16(POLLOUT), revents: 0)
    guard poll(&poller, 1, Self.limitMs) == 1 else { return false }
    var (reason, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    return getsockopt(peer, SOL_SOCKET, SO_ERROR, &reason, &length) == 0 && reason == 0
  }
}
