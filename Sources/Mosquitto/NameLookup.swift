import Glibc
import Synchronization

/// Resolves a host name on a thread of its own, because the resolver has no deadline.
///
/// The process resolves each name at most once at a time, so a silent name server costs one thread for each
/// name, however often it is asked.
final class NameLookup: Sendable {
  struct Address: Sendable, Equatable {
    let text: String
    let isIPv6: Bool
    /// The wildcard address of its family.
    var anyAddress: String { isIPv6 ? "::" : "0.0.0.0" }
  }

  enum Result: Sendable, Equatable {
    case found([Address])
    /// One of getaddrinfo's `EAI_…`, which are negative.
    case failed(Int32)
  }

  private static let underWay = Mutex<[String: NameLookup]>([:])

  private let name: String
  private let answer = Mutex<Result>(.failed(EAI_AGAIN))
  private let done: Wakeup?

  /// The descriptor to poll: readable once the answer is there.
  var descriptor: Int32 { done?.descriptor ?? -1 }
  /// The answer; a failure until it is there.
  var result: Result { answer.withLock { $0 } }

  private init(_ name: String) {
    self.name = name
    done = try? Wakeup()
  }

  static func isAddress(_ text: String) -> Bool {
    var room = in6_addr()
    return unsafe inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
  }

  /// Joins the running look-up of this name, or begins one.
  static func begin(_ name: String) -> NameLookup {
    underWay.withLock { underWay in
      if let lookup = underWay[name] { return lookup }
      let lookup = NameLookup(name)
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
        unsafe Unmanaged<NameLookup>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      finish(.failed(EAI_AGAIN))
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func run() {
    let result = Self.resolve(name)
    Self.underWay.withLock { $0[name] = nil }
    finish(result)
  }

  private func finish(_ result: Result) {
    answer.withLock { $0 = result }
    done?.signal()
  }

  private static func resolve(_ name: String) -> Result {
    // With the library's hints, so that its own look-up gets the same answer.
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else { return .failed(code) }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [Address] = []
    var next = unsafe list
    while let entry = unsafe next?.pointee {
      unsafe next = entry.ai_next
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let failure = unsafe getnameinfo(
        entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      guard failure == 0 else { continue }
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let address = unsafe Address(
        text: String(decoding: bytes, as: UTF8.self), isIPv6: entry.ai_family == AF_INET6)
      if !addresses.contains(address) { addresses.append(address) }
    }
    return addresses.isEmpty ? .failed(EAI_NONAME) : .found(addresses)
  }
}
