import CPostgres
import Glibc
import Synchronization

/// Resolves a host name on a thread of its own, because the resolver has no deadline and libpq's own look-up would block.
///
/// The process resolves each name at most once at a time, so a silent name server costs one thread for each name.
final class HostLookup: Sendable {
  private static let underWay = Mutex<[String: HostLookup]>([:])

  private let name: String
  /// Nil until the answer is there; empty when the name has no address.
  private let answer = Mutex<[String]?>(nil)
  private let done: Int32

  private init(_ name: String) {
    self.name = name
    done = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
  }

  deinit { if done >= 0 { close(done) } }

  /// The addresses of a name; an address is its own.
  ///
  /// - Throws: `connection`, when there is none or no answer in time.
  static func addresses(of name: String, _ waiter: Waiter) throws(PostgresError) -> [String] {
    var room = in6_addr()
    if unsafe inet_pton(AF_INET, name, &room) == 1 || inet_pton(AF_INET6, name, &room) == 1 { return [name] }
    let lookup = begin(name)
    guard lookup.done >= 0 else { throw PostgresError(.connection, "\(name): no free file descriptor") }
    // The descriptor stays readable: others may wait for the same answer.
    switch waiter.wait(lookup.done, forReading: true, forWriting: false) {
    case .timeout: throw PostgresError(.connection, "\(name): the name server does not answer")
    case .interrupted: throw PostgresError(.connection, "interrupted")
    case .ready: break
    }
    guard let found = lookup.answer.withLock({ $0 }), !found.isEmpty else {
      throw PostgresError(.connection, "\(name): no such host")
    }
    return found
  }

  /// Joins the running look-up of this name, or begins one.
  private static func begin(_ name: String) -> HostLookup {
    underWay.withLock { underWay in
      if let lookup = underWay[name] { return lookup }
      let lookup = HostLookup(name)
      if lookup.start() { underWay[name] = lookup }
      return lookup
    }
  }

  private func start() -> Bool {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(self)
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<HostLookup>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      finish([])
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func run() {
    let found = Self.resolve(name)
    Self.underWay.withLock { $0[name] = nil }
    finish(found)
  }

  private func finish(_ found: [String]) {
    answer.withLock { $0 = found }
    var one: UInt64 = 1
    _ = unsafe write(done, &one, 8)
  }

  private static func resolve(_ name: String) -> [String] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [String] = []
    var next = unsafe list
    while let entry = unsafe next?.pointee {
      unsafe next = entry.ai_next
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let failure = unsafe getnameinfo(
        entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      guard failure == 0 else { continue }
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let address = String(decoding: bytes, as: UTF8.self)
      if !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
  }
}
