import CMosquitto
import Glibc

/// One MQTT 5 connection whose acknowledgements are sent only when its owner says so.
///
/// libmosquitto queues a PUBACK before it delivers the message. In its threaded mode without its thread,
/// nothing that is queued reaches the socket before `flush`: so an owner that writes a batch to disk between
/// `receive` and `flush` acknowledges only what is on disk. `drop` (or releasing the connection) discards the
/// queued acknowledgements instead, and the broker delivers again.
///
/// Not `Sendable`: one thread owns it. Every method may block for as long as its comment says.
@safe public final class Connection {
  private static let library: Int32 = mosquitto_lib_init()
  /// How long `flush` waits for a peer that reads nothing.
  private static let flushLimitMilliseconds: Int32 = 10_000
  /// The same for `disconnect`, for which a shutdown waits.
  private static let goodbyeLimitMilliseconds: Int32 = 1_000

  let settings: ConnectionSettings
  let state = CallbackState()
  /// One handle serves one connection, so that nothing queued for it can outlive it.
  private(set) var handle: OpaquePointer?
  private var isHandleUsed = false

  /// Prepares a connection; nothing is sent yet. Throws for settings that the library refuses, such as a TLS
  /// file that cannot be read.
  public init(_ settings: ConnectionSettings) throws(MosquittoError) {
    self.settings = settings
    unsafe handle = try makeHandle()
  }

  deinit { drop() }

  // MARK: Disconnect

  /// Sends DISCONNECT and keeps the session; best effort, at most about three seconds. Queued
  /// acknowledgements are written first: call it only when everything received is safe, and `drop` otherwise.
  public func disconnect() { disconnect(reason: 0) }

  /// The same, but asks the broker to publish the will (MQTT 5, 3.14.2.1: reason 0x04).
  public func disconnectWithWill() { disconnect(reason: 0x04) }

  private func disconnect(reason: Int32) {
    guard let handle = unsafe handle, let socket else { return }
    // The library closes its descriptor right after DISCONNECT. If that were the last one, unread messages
    // would turn the close into a reset, and a reset discards acknowledgements that the broker has not read
    // yet.
    let copy = dup(socket)
    do {
      try flush(withinMilliseconds: Self.goodbyeLimitMilliseconds)
      try unsafe check(mosquitto_disconnect_v5(handle, reason, nil), "say goodbye")
      try flush(withinMilliseconds: Self.goodbyeLimitMilliseconds)
    } catch {
      // The broker notices the closed socket too and then publishes the will.
    }
    guard copy >= 0 else { return }
    shutdown(copy, Int32(SHUT_WR))
    readToEnd(copy)
    close(copy)
  }

  /// Reads and discards until the peer closes, at most `goodbyeLimitMilliseconds`.
  private func readToEnd(_ socket: Int32) {
    let deadline = ContinuousClock.now + .milliseconds(Int64(Self.goodbyeLimitMilliseconds))
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while ContinuousClock.now < deadline {
      guard isReady(socket, for: POLLIN, withinMilliseconds: 100) else { continue }
      let count = unsafe read(socket, &buffer, buffer.count)
      if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { return }
    }
  }

  /// Closes the socket without writing what is queued, acknowledgements in particular, and discards events
  /// that were not taken. The broker delivers again after the next `connect`.
  public func drop() {
    // The handle goes first: after that no callback can reach `state`.
    if let handle = unsafe handle { unsafe mosquitto_destroy(handle) }
    unsafe handle = nil
    isHandleUsed = false
    state.reset()
  }

  // MARK: State

  /// The descriptor to poll, nil when there is no connection.
  public var socket: Int32? {
    let descriptor = unsafe handle.map { unsafe mosquitto_socket($0) } ?? -1
    return descriptor >= 0 ? descriptor : nil
  }

  /// Whether something is queued for the socket.
  public var wantsWrite: Bool { unsafe handle.map { unsafe mosquitto_want_write($0) } ?? false }

  /// Whether the broker accepted the connection and it has not ended since.
  public var isConnected: Bool { state.isConnected && socket != nil }

  /// The validity of the broker's certificate; nil without TLS.
  public var certificateValidity: CertificateValidity? {
    unsafe handle.flatMap { unsafe Mosquitto.certificateValidity($0) }
  }

  /// The limits from the broker's CONNACK.
  public var serverLimits: ServerLimits { state.serverLimits }

  /// The events since the last call, in order.
  public func dequeueEvents() -> [ConnectionEvent] { state.dequeueEvents() }

  // MARK: Traffic

  /// Why `receive` returned.
  public enum ReceiveOutcome: Sendable { case dry, full }

  /// Reads into the batch until the socket has no more data or the batch is full (or as many packets of other
  /// kinds were read as the batch may have messages). Never blocks, and sends no acknowledgement.
  ///
  /// The end of a connection comes as an event and as `.dry`; a call after that throws.
  public func receive(
    into batch: MessageBatch, until limit: MessageBatch.Limit
  ) throws(MosquittoError) -> ReceiveOutcome {
    guard let handle = unsafe handle, socket != nil else { throw noConnection("read from the broker") }
    state.batch = batch
    defer { state.batch = nil }
    for _ in 0..<max(1, limit.messages) where !batch.isFull(limit) {
      let before = state.progress
      errno = 0
      let code = unsafe mosquitto_loop_read(handle, 1)
      // EAGAIN after a message was read means that the library's own pipe is full, not that the socket is
      // empty.
      let isDry = errno == EAGAIN && state.progress == before
      // The event says more than the code: a refusal or a DISCONNECT ends in an ordinary read error.
      if state.hasEnded { return .dry }
      try check(code, "read from the broker")
      if isDry { return .dry }
    }
    return .full
  }

  /// Writes everything queued: acknowledgements, publications, subscriptions. Throws when the peer reads
  /// nothing for 10 s.
  public func flush() throws(MosquittoError) {
    try flush(withinMilliseconds: Self.flushLimitMilliseconds)
  }

  private func flush(withinMilliseconds limit: Int32) throws(MosquittoError) {
    guard wantsWrite else { return }
    setCork(true)
    defer { setCork(false) }
    while wantsWrite {
      try write("write to the broker")
      guard wantsWrite, let socket else { return }
      guard isReady(socket, for: POLLOUT, withinMilliseconds: limit) else {
        throw MosquittoError(
          operation: "write to the broker", code: ETIMEDOUT, message: "it takes nothing for \(limit) ms")
      }
    }
  }

  /// Makes the kernel combine writes into full segments. The library writes each acknowledgement by itself,
  /// and thousands of four-byte segments cost both ends more than the messages did.
  private func setCork(_ isSet: Bool) {
    guard settings.port != 0, let socket else { return }
    var value: Int32 = isSet ? 1 : 0
    // Without the cork it is only slower.
    _ = unsafe setsockopt(
      socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Writes until nothing is queued or the socket accepts no more.
  func write(_ operation: @autoclosure () -> String) throws(MosquittoError) {
    guard let handle = unsafe handle, socket != nil else { throw noConnection(operation()) }
    errno = 0
    try unsafe check(mosquitto_loop_write(handle, 1), operation())
  }

  /// Sends PINGREQ when due (with the next `flush`, after the acknowledgements) and throws when the peer is
  /// gone. Call it at least once a second: then a dead peer is noticed within 1.5 keep-alives.
  public func keepAlive() throws(MosquittoError) {
    guard let handle = unsafe handle, socket != nil else { throw noConnection("keep the connection alive") }
    errno = 0
    try unsafe check(mosquitto_loop_misc(handle), "keep the connection alive")
  }

  /// Queues one SUBSCRIBE for all filters and returns its packet id, which the `subscribed` event repeats.
  @discardableResult
  public func subscribe(
    _ filters: [String], qos: Int32 = 1, retainHandling: RetainHandling = .never
  ) throws(MosquittoError) -> Int32 {
    let operation = "subscribe to \(filters.joined(separator: ", "))"
    guard let handle = unsafe handle, isConnected else { throw noConnection(operation) }
    try checkText(filters, operation)
    var mid: Int32 = 0
    let copies = unsafe filters.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let code = unsafe copies.withUnsafeBufferPointer { pointers in
      unsafe mosquitto_subscribe_multiple(
        handle, &mid, Int32(pointers.count), UnsafeMutablePointer(mutating: pointers.baseAddress), qos,
        retainHandling.rawValue, nil)
    }
    try check(code, operation)
    return mid
  }

  /// Queues one UNSUBSCRIBE for all filters. Its answer is not reported: packets are processed in order.
  public func unsubscribe(_ filters: [String]) throws(MosquittoError) {
    let operation = "unsubscribe from \(filters.joined(separator: ", "))"
    guard let handle = unsafe handle, isConnected else { throw noConnection(operation) }
    try checkText(filters, operation)
    let copies = unsafe filters.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let code = unsafe copies.withUnsafeBufferPointer { pointers in
      unsafe mosquitto_unsubscribe_multiple(
        handle, nil, Int32(pointers.count), UnsafeMutablePointer(mutating: pointers.baseAddress), nil)
    }
    try check(code, operation)
  }

  /// Queues a publication and returns its packet id, which the `published` event repeats.
  ///
  /// Throws without queueing when there is no connection: the library would keep it and send it twice. A
  /// publication that is refused because of its content (`MosquittoError.publicationRefusal`) is not queued
  /// either.
  @discardableResult
  public func publish(_ publication: Publication) throws(MosquittoError) -> Int32 {
    let operation = "publish to \(publication.topic)"
    guard let handle = unsafe handle, isConnected else { throw noConnection(operation) }
    try checkText([publication.topic], operation)
    let properties = PropertyList(publication.properties)
    try check(properties.failure, operation)
    if let limit = serverLimits.maximumPacketBytes, publication.packetBytes > limit {
      // The library's own check counts too little: at the limit it would keep a packet that it cannot send,
      // and fail later.
      throw MosquittoError(
        operation: operation, code: Int32(MOSQ_ERR_OVERSIZE_PACKET.rawValue),
        message: "\(publication.packetBytes) bytes are more than the \(limit) that the broker takes")
    }
    var mid: Int32 = 0
    // Clamped, because the library refuses a payload beyond MQTT's 268 435 455 bytes.
    try unsafe check(
      mosquitto_publish_v5(
        handle, &mid, publication.topic, Int32(clamping: publication.payload.count), publication.payload,
        publication.qos, publication.retain, properties.head), operation)
    return mid
  }

  // MARK: Errors

  func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(MosquittoError) {
    let error = errno
    guard code != Int32(MOSQ_ERR_SUCCESS.rawValue) else { return }
    throw MosquittoError(operation: operation(), code: code, errno: error, log: state.log)
  }

  /// C strings end at their first NUL: a topic that contains one would silently become another topic.
  private func checkText(_ texts: [String], _ operation: String) throws(MosquittoError) {
    guard texts.contains(where: { $0.utf8.contains(0) }) else { return }
    throw MosquittoError(
      operation: operation, code: Int32(MOSQ_ERR_INVAL.rawValue), message: "a topic cannot contain NUL")
  }

  func noConnection(_ operation: String) -> MosquittoError {
    MosquittoError(operation: operation, code: MOSQ_ERR_NO_CONN)
  }

  private func isReady(_ socket: Int32, for events: Int32, withinMilliseconds limit: Int32) -> Bool {
    var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
    while true {
      let count = unsafe Glibc.poll(&descriptor, 1, limit)
      if count >= 0 || errno != EINTR { return count > 0 }
    }
  }

  // MARK: Handle

  /// A handle that has served no connection, and the state before the first event.
  func newHandle() throws(MosquittoError) -> OpaquePointer {
    if isHandleUsed { drop() }
    state.reset()
    let fresh = if let handle = unsafe handle { unsafe handle } else { try unsafe makeHandle() }
    unsafe handle = fresh
    isHandleUsed = true
    return unsafe fresh
  }

  private func makeHandle() throws(MosquittoError) -> OpaquePointer {
    guard Self.library == Int32(MOSQ_ERR_SUCCESS.rawValue) else {
      throw MosquittoError(operation: "start libmosquitto", code: Self.library, errno: 0, log: [])
    }
    let context = unsafe Unmanaged.passUnretained(state).toOpaque()
    guard let handle = unsafe mosquitto_new(settings.clientID, settings.cleanStart, context) else {
      throw MosquittoError(
        operation: "make a client named \(settings.clientID)", code: MOSQ_ERR_ERRNO, errno: errno)
    }
    unsafe Self.setCallbacks(handle)
    do {
      try unsafe settings.apply(to: handle)
    } catch {
      unsafe mosquitto_destroy(handle)
      throw error
    }
    return unsafe handle
  }
}
