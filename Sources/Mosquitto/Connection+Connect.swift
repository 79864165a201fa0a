import CMosquitto
import Glibc

extension Connection {
  private static let handshakeLimit: Duration = .seconds(10)

  /// Opens the TCP (and TLS) connection and sends CONNECT. CONNACK arrives through `receive` as an event. The
  /// state of an earlier connection is discarded.
  ///
  /// Blocks for at most `settings.connectSeconds` until the name is resolved and the peer has accepted, then
  /// at most 10 s for TLS. While it waits it calls `onWake` whenever the wake-up is signalled; false gives up
  /// at once.
  public func connect(
    wakeup: Wakeup? = nil, onWake: () -> Bool = { true }
  ) throws(MosquittoError) {
    let deadline = ConnectDeadline(settings, wakeup)
    let targets = try resolveTargets(deadline, onWake)
    for (index, target) in targets.enumerated() {
      do {
        try open(target, deadline.share(of: targets.count - index), onWake)
        return try settings.tls == nil ? flush() : performTLSHandshake(wakeup, onWake)
      } catch {
        if index == targets.count - 1 || error.isInterruption { throw error }
      }
    }
  }

  /// Resolves the name and returns how to make the library try each address: by itself it tries only the
  /// first one that does not fail at once. TLS needs the host's name, so there only the address family can be
  /// chosen.
  private func resolveTargets(
    _ deadline: ConnectDeadline, _ onWake: () -> Bool
  ) throws(MosquittoError) -> [ConnectTarget] {
    let byName = ConnectTarget(host: settings.host, bindAddress: nil)
    guard settings.port != 0, !NameLookup.isAddress(settings.host) else { return [byName] }
    let lookup = NameLookup.begin(settings.host)
    switch deadline.wait(for: lookup.descriptor, POLLIN, onWake) {
    case .ready: break
    case .interrupted: throw interruption()
    case .late:
      throw MosquittoError(
        operation: "connect to \(settings.address)", code: ETIMEDOUT,
        message:
          "no answer to the question for the address of \(settings.host) for \(settings.connectSeconds) s",
        detail: "check broker.url and this machine's name server")
    }
    let found: [NameLookup.Address]
    switch lookup.result {
    case .found(let addresses): found = addresses
    case .failed(let code):
      throw MosquittoError(
        operation: "connect to \(settings.address)", code: MOSQ_ERR_EAI, errno: code, log: state.log)
    }
    guard found.count > 1 else { return [byName] }
    guard settings.tls != nil else { return found.map { ConnectTarget(host: $0.text, bindAddress: nil) } }
    let families = found.map(\.anyAddress)
    return families.enumerated().filter { families.firstIndex(of: $1) == $0 }.map {
      ConnectTarget(host: settings.host, bindAddress: $1)
    }
  }

  /// Opens the socket without blocking and waits until the peer has accepted. CONNECT is queued then.
  private func open(
    _ target: ConnectTarget, _ deadline: ConnectDeadline, _ onWake: () -> Bool
  ) throws(MosquittoError) {
    let operation = "connect to \(settings.address)"
    let handle = try unsafe newHandle()
    var properties = PropertyList()
    properties.add(MQTT_PROP_SESSION_EXPIRY_INTERVAL, int32: settings.sessionExpirySeconds)
    properties.add(MQTT_PROP_MAXIMUM_PACKET_SIZE, int32: settings.maximumPacketBytes)
    try check(properties.failure, operation)
    // The non-blocking call takes no properties; the blocking one stores them before it refuses to connect
    // without a host.
    let refusal = unsafe mosquitto_connect_bind_v5(
      handle, nil, 0, settings.libraryKeepAliveSeconds, nil, properties.head)
    guard refusal == Int32(MOSQ_ERR_INVAL.rawValue) else { throw noConnection(operation) }
    errno = 0
    let code = unsafe mosquitto_connect_bind_async(
      handle, target.host, settings.port, settings.libraryKeepAliveSeconds, target.bindAddress)
    if code != Int32(MOSQ_ERR_CONN_PENDING.rawValue) { try check(code, operation) }
    guard let socket else { throw noConnection(operation) }
    switch deadline.wait(for: socket, POLLOUT, onWake) {
    case .interrupted: throw interruption()
    case .late:
      throw MosquittoError(
        operation: operation, code: ETIMEDOUT,
        message: "no answer from \(settings.address) for \(settings.connectSeconds) s",
        detail: "check the address, the route and the firewall")
    case .ready: break
    }
    var failure: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &length)
    if failure == 0, !hasPeer(socket) {
      // With TLS the library has read the error first, and a socket reports it only once.
      failure = ECONNREFUSED
    }
    guard failure != 0 else { return }
    throw MosquittoError(operation: operation, code: MOSQ_ERR_ERRNO, errno: failure, log: state.log)
  }

  /// Whether the peer has accepted.
  private func hasPeer(_ socket: Int32) -> Bool {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getpeername(socket, $0, &length)
      }
    } == 0
  }

  private func interruption() -> MosquittoError {
    MosquittoError(
      operation: "connect to \(settings.address)", code: ECANCELED, message: "this side gave up")
  }

  /// Performs the TLS handshake, then sends CONNECT. Some versions of the library perform the handshake while
  /// reading and want to write nothing until then, others while writing; no message can arrive before CONNECT
  /// was sent.
  private func performTLSHandshake(_ wakeup: Wakeup?, _ onWake: () -> Bool) throws(MosquittoError) {
    let operation = "open a TLS connection to \(settings.address)"
    let deadline = ConnectDeadline(limit: Self.handshakeLimit, wakeup)
    while true {
      if wantsWrite {
        try write(operation)
        if !wantsWrite { return }
      }
      guard let handle = unsafe handle, let socket else { throw noConnection(operation) }
      guard !deadline.isOver else {
        throw MosquittoError(
          operation: operation, code: Int32(MOSQ_ERR_TLS.rawValue),
          message: "no TLS handshake within \(Self.handshakeLimit)")
      }
      switch deadline.wait(for: socket, POLLIN, atMostMilliseconds: 100, onWake) {
      case .interrupted: throw interruption()
      case .late: continue
      case .ready: break
      }
      errno = 0
      try unsafe check(mosquitto_loop_read(handle, 1), operation)
    }
  }
}
