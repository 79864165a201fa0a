import CMosquitto
import Glibc

/// One MQTT 5 connection whose acknowledgements leave only when its owner says so.
///
/// libmosquitto queues a PUBACK before it shows the message. In its threaded mode without its thread, nothing
/// that is queued reaches the socket before `flush`: so an owner that writes a batch to disk between `receive`
/// and `flush` acknowledges only what is on disk. Dropping the connection instead (letting the value go)
/// forgets the queued acknowledgements, and the broker delivers again.
///
/// Not `Sendable`: one thread owns it. Every method may block for as long as its comment says.
@safe public final class Connection {
  private static let library: Int32 = mosquitto_lib_init()
  private static let flushLimitMilliseconds: Int32 = 10_000

  private let settings: ConnectionSettings
  private let state = CallbackState()
  private let handle: OpaquePointer

  /// Prepares a connection; nothing is sent yet.
  public init(_ settings: ConnectionSettings) throws(MosquittoError) {
    guard Self.library == Int32(MOSQ_ERR_SUCCESS.rawValue) else {
      throw MosquittoError(operation: "start libmosquitto", code: Self.library, errno: 0, log: [])
    }
    guard
      let handle = unsafe mosquitto_new(
        settings.clientID, settings.cleanStart, Unmanaged.passUnretained(state).toOpaque())
    else {
      throw MosquittoError(
        operation: "make a client named \(settings.clientID)", code: Int32(MOSQ_ERR_ERRNO.rawValue),
        errno: errno, log: [])
    }
    unsafe self.handle = handle
    self.settings = settings
    setCallbacks()
    try configure()
  }

  // The handle goes first: after that no callback can reach `state`.
  deinit { unsafe mosquitto_destroy(handle) }

  private func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(MosquittoError) {
    let error = errno
    guard code != Int32(MOSQ_ERR_SUCCESS.rawValue) else { return }
    throw MosquittoError(operation: operation(), code: code, errno: error, log: state.log)
  }

  private func configure() throws(MosquittoError) {
    try unsafe check(mosquitto_threaded_set(handle, true), "use an own loop")
    try unsafe check(
      mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, Int32(MQTT_PROTOCOL_V5)), "ask for MQTT 5")
    try unsafe check(mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1), "set TCP_NODELAY")
    try unsafe check(
      mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(settings.receiveMaximum)),
      "set the receive maximum")
    try unsafe check(
      mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, 65_535), "set the send maximum")
    if settings.username != nil || settings.password != nil {
      try unsafe check(
        mosquitto_username_pw_set(handle, settings.username, settings.password?.revealed),
        "set the user name")
    }
    if let tls = settings.tls { try configure(tls) }
    if let will = settings.will { try configure(will) }
  }

  private func configure(_ tls: TLSSettings) throws(MosquittoError) {
    if tls.caFile == nil {
      try unsafe check(
        mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1), "use the system's certificates")
    }
    try unsafe check(
      mosquitto_tls_set(handle, tls.caFile, nil, tls.certFile, tls.keyFile, nil),
      "read the TLS files (\([tls.caFile, tls.certFile, tls.keyFile].compactMap(\.self).joined(separator: ", ")))")
    // 1 is SSL_VERIFY_PEER. OpenSSL's own minimum on Debian is TLS 1.2; "tlsv1.2" would also be the maximum.
    try unsafe check(mosquitto_tls_opts_set(handle, 1, nil, nil), "require a verified peer")
    try unsafe check(mosquitto_tls_insecure_set(handle, false), "require the host's name")
  }

  private func configure(_ will: Will) throws(MosquittoError) {
    var properties = PropertyList()
    if will.delaySeconds > 0 { properties.add(MQTT_PROP_WILL_DELAY_INTERVAL, int32: will.delaySeconds) }
    if let type = will.contentType { properties.add(MQTT_PROP_CONTENT_TYPE, string: type) }
    // On success the library owns the properties.
    let list = unsafe properties.release()
    try unsafe check(
      mosquitto_will_set_v5(
        handle, will.topic, Int32(will.payload.count), will.payload, will.qos, will.retain, list),
      "set the will on \(will.topic)")
  }

  /// Opens the TCP (and TLS) connection and queues CONNECT. Blocks until the peer answered or the system gives
  /// up. CONNACK arrives through `receive` as an event.
  public func connect() throws(MosquittoError) {
    state.events.removeAll()
    state.log.removeAll()
    var properties = PropertyList()
    properties.add(MQTT_PROP_SESSION_EXPIRY_INTERVAL, int32: settings.sessionExpirySeconds)
    properties.add(MQTT_PROP_MAXIMUM_PACKET_SIZE, int32: settings.maximumPacketBytes)
    errno = 0
    let code = unsafe mosquitto_connect_bind_v5(
      handle, settings.host, settings.port, settings.keepAliveSeconds, nil, properties.head)
    try check(code, "connect to \(settings.host):\(settings.port)")
    try flush()
  }

  /// The descriptor to poll, nil when there is no connection.
  public var socket: Int32? {
    let descriptor = unsafe mosquitto_socket(handle)
    return descriptor >= 0 ? descriptor : nil
  }

  /// Whether something is queued for the socket.
  public var wantsWrite: Bool { unsafe mosquitto_want_write(handle) }

  /// Why `receive` came back.
  public enum ReceiveOutcome: Sendable { case dry, full }

  /// Reads what the socket has, into the batch, until there is no more or the batch is full. Never blocks, and
  /// lets no acknowledgement leave.
  public func receive(
    into batch: MessageBatch, until limit: MessageBatch.Limit
  ) throws(MosquittoError) -> ReceiveOutcome {
    state.batch = batch
    defer { state.batch = nil }
    while !batch.isFull(limit) {
      let before = state.progress
      errno = 0
      let code = unsafe mosquitto_loop_read(handle, 1)
      // EAGAIN with a message read is the library's own pipe being full, not an empty socket.
      let isDry = errno == EAGAIN && state.progress == before
      if code != Int32(MOSQ_ERR_SUCCESS.rawValue) {
        // A refusal or a DISCONNECT says more than the read error it ends in.
        if state.events.contains(where: \.endsConnection) { return .dry }
        try check(code, "read from the broker")
      }
      if isDry { return .dry }
    }
    return .full
  }

  /// Writes everything queued: acknowledgements, publications, subscriptions. Blocks at most 10 s when the
  /// peer does not take it, then throws.
  public func flush() throws(MosquittoError) {
    while wantsWrite {
      errno = 0
      try unsafe check(mosquitto_loop_write(handle, 1), "write to the broker")
      guard wantsWrite, let socket else { return }
      var descriptor = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
      // During a TLS handshake the write waits for a read: that is the caller's loop's turn.
      if settings.tls != nil, unsafe Glibc.poll(&descriptor, 1, 0) > 0 { return }
      guard unsafe Glibc.poll(&descriptor, 1, Self.flushLimitMilliseconds) > 0 else {
        throw MosquittoError(
          operation: "write to the broker", code: ETIMEDOUT, message: "it takes nothing for 10 s", detail: nil)
      }
    }
  }

  /// Sends PINGREQ when due and notices a peer that is gone. Call it at least once a second.
  public func keepAlive() throws(MosquittoError) {
    try unsafe check(mosquitto_loop_misc(handle), "keep the connection alive")
  }

  /// Queues one SUBSCRIBE for all filters; the answer comes as an event.
  public func subscribe(
    _ filters: [String], qos: Int32 = 1, retainHandling: RetainHandling = .never
  ) throws(MosquittoError) {
    for filter in filters {
      try unsafe check(
        mosquitto_subscribe_v5(handle, nil, filter, qos, retainHandling.rawValue, nil),
        "subscribe to \(filter)")
    }
  }

  /// Queues a publication and returns its id, which the `published` event repeats.
  ///
  /// Throws without queueing when there is no connection: the library would keep it and send it twice.
  @discardableResult
  public func publish(_ publication: Publication) throws(MosquittoError) -> Int32 {
    guard socket != nil else {
      throw MosquittoError(
        operation: "publish to \(publication.topic)", code: Int32(MOSQ_ERR_NO_CONN.rawValue), errno: 0, log: [])
    }
    let properties = PropertyList(publication.properties)
    var mid: Int32 = 0
    try unsafe check(
      mosquitto_publish_v5(
        handle, &mid, publication.topic, Int32(publication.payload.count), publication.payload,
        publication.qos, publication.retain, properties.head), "publish to \(publication.topic)")
    return mid
  }

  /// What happened since the last call, in order.
  public func takeEvents() -> [ConnectionEvent] {
    guard !state.events.isEmpty else { return [] }
    defer { state.events.removeAll(keepingCapacity: true) }
    return state.events
  }

  /// Says goodbye and keeps the session; best effort. Queued acknowledgements are written first.
  public func disconnect() {
    try? flush()
    _ = unsafe mosquitto_disconnect_v5(handle, 0, nil)
    try? flush()
  }

  private func setCallbacks() {
    unsafe mosquitto_connect_v5_callback_set(handle) { _, context, reason, flags, _ in
      unsafe callbackState(context)?.note(
        .connected(sessionPresent: flags & 1 != 0, reason: UInt8(truncatingIfNeeded: reason)))
    }
    unsafe mosquitto_disconnect_v5_callback_set(handle) { _, context, reason, _ in
      let words = unsafe reason >= 0x80 ? mosquitto_reason_string(reason) : mosquitto_strerror(reason)
      unsafe callbackState(context)?.note(
        .disconnected(
          reason: reason, text: words.map { unsafe String(cString: $0) } ?? "unknown reason"))
    }
    unsafe mosquitto_subscribe_v5_callback_set(handle) { _, context, mid, count, granted, _ in
      guard let granted = unsafe granted else { return }
      let codes = (0..<Int(count)).map { unsafe UInt8(truncatingIfNeeded: granted[$0]) }
      unsafe callbackState(context)?.note(.subscribed(mid: mid, granted: codes))
    }
    unsafe mosquitto_publish_v5_callback_set(handle) { _, context, mid, reason, _ in
      unsafe callbackState(context)?.note(.published(mid: mid, reason: UInt8(truncatingIfNeeded: reason)))
    }
    unsafe mosquitto_log_callback_set(handle) { _, context, level, text in
      guard level & (MOSQ_LOG_WARNING | MOSQ_LOG_ERR) != 0, let text = unsafe text else { return }
      unsafe callbackState(context)?.note(log: String(cString: text))
    }
    unsafe mosquitto_message_v5_callback_set(handle) { _, context, message, _ in
      guard let state = unsafe callbackState(context), let message = unsafe message?.pointee,
        let topic = unsafe message.topic, let batch = state.batch
      else { return }
      state.progress &+= 1
      let length = unsafe strlen(topic)
      unsafe topic.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
        unsafe batch.append(
          topic: UnsafeBufferPointer(start: bytes, count: length),
          payload: UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
          isRetained: message.retain)
      }
    }
  }
}

extension ConnectionEvent {
  fileprivate var endsConnection: Bool {
    switch self {
    case .connected(_, let reason): reason != 0
    case .disconnected: true
    case .subscribed, .published, .log: false
    }
  }
}

private func callbackState(_ context: UnsafeMutableRawPointer?) -> CallbackState? {
  unsafe context.map { unsafe Unmanaged<CallbackState>.fromOpaque($0).takeUnretainedValue() }
}
