import Foundation
import Synchronization

/// A small HTTP server on loopback that keeps what it gets and answers as it is told, also badly. One request a
/// connection.
public final class HTTPReceiver: Sendable {
  public struct Request: Sendable {
    public var line: String
    public var headers: [String: String]
    public var body: [UInt8]
    public var text: String { String(decoding: body, as: UTF8.self) }
  }

  public enum Answer: Sendable {
    case status(Int, body: String = "", headers: [String] = [])
    /// 200 and a body without an end, until the client closes.
    case endlessBody
    /// Header lines without an end.
    case endlessHeaders
    /// One byte of the head now and then.
    case slowHead
    /// No answer, until the client closes.
    case silence
    /// Closes the connection without an answer.
    case close
  }

  public let port: Int32
  private let listener: Int32
  private let received = Mutex<[Request]>([])
  private let decide: Mutex<@Sendable (Request) -> Answer>
  private let isStopped = Mutex(false)

  public var requests: [Request] { received.withLock { $0 } }
  public var url: String { "http://127.0.0.1:\(port)/hook" }

  /// Changes how the next requests are answered.
  public func answer(_ decide: @escaping @Sendable (Request) -> Answer) {
    self.decide.withLock { $0 = decide }
  }

  public func answer(_ answer: Answer) { self.answer { _ in answer } }

  public init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    decide = Mutex { _ in .status(200) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    port = Int32(UInt16(bigEndian: address.sin_port))
    guard isOpen else { throw WaitFailure(what: "a port") }
    let thread = Thread { [weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self, !self.isStopped.withLock({ $0 }) else {
          if client >= 0 { Glibc.close(client) }
          return
        }
        let worker = Thread { [weak self] in
          self?.serve(client)
          Glibc.close(client)
        }
        worker.start()
      }
    }
    thread.start()
  }

  deinit {
    isStopped.withLock { $0 = true }
    shutdown(listener, Int32(SHUT_RDWR))
    Glibc.close(listener)
  }

  private func serve(_ client: Int32) {
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let request = read(client) else { return }
    received.withLock { $0.append(request) }
    switch decide.withLock({ $0 })(request) {
    case .status(let code, let body, let headers):
      let lines = ["HTTP/1.1 \(code) X", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
      _ = send(client, lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    case .endlessBody:
      guard send(client, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n") else { return }
      let block = String(repeating: "x", count: 16_384)
      while send(client, block) {}
    case .endlessHeaders:
      guard send(client, "HTTP/1.1 200 X\r\n") else { return }
      while send(client, "X-Again: \(String(repeating: "y", count: 1000))\r\n") {}
    case .slowHead:
      for byte in "HTTP/1.1 200 X\r\nX-Slow: \(String(repeating: "z", count: 1000))" {
        guard send(client, String(byte)) else { return }
        usleep(200_000)
      }
    case .silence:
      var byte: UInt8 = 0
      while recv(client, &byte, 1, 0) > 0 {}
    case .close: return
    }
  }

  private func read(_ client: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var head: (line: String, headers: [String: String], end: Int)?
    while true {
      if head == nil { head = Self.head(bytes) }
      if let head {
        let count = Int(head.headers["content-length"] ?? "0") ?? 0
        if bytes.count >= head.end + count {
          let body = Array(bytes[head.end..<head.end + count])
          return Request(line: head.line, headers: head.headers, body: body)
        }
      }
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0, bytes.count < 1 << 24 else { return nil }
      bytes += buffer.prefix(count)
    }
  }

  private static func head(_ bytes: [UInt8]) -> (line: String, headers: [String: String], end: Int)? {
    guard let end = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2 { headers[parts[0].lowercased()] = parts[1] }
    }
    return (lines[0], headers, end.upperBound)
  }

  private func send(_ client: Int32, _ text: String) -> Bool { RawHTTP.send(text, to: client) }
}
