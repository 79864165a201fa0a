import CMosquitto
import Glibc

/// The state that libmosquitto's callbacks write. The library holds an unretained pointer to it, so a
/// `Connection` destroys its handle before it releases this object.
final class CallbackState {
  private(set) var events: [ConnectionEvent] = []
  /// The batch that `receive` fills; messages arrive only inside that call.
  var batch: MessageBatch?
  /// The library's last warnings, for error messages; at most `logLimit`.
  private(set) var log: [String] = []
  /// Grows with every callback, to distinguish progress from an idle socket.
  private(set) var progress: UInt64 = 0
  /// The broker accepted CONNECT, and the connection has not ended since.
  private(set) var isConnected = false
  /// The limits from the broker's CONNACK.
  var serverLimits = ServerLimits()
  /// The library reported the end; it may report it again at every later call.
  private(set) var hasEnded = false

  private static let logLimit = 8

  /// Resets everything to the state before the first connect.
  func reset() {
    events.removeAll()
    log.removeAll()
    serverLimits = ServerLimits()
    isConnected = false
    hasEnded = false
  }

  func dequeueEvents() -> [ConnectionEvent] {
    guard !events.isEmpty else { return [] }
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  func recordConnected(sessionPresent: Bool, reason: UInt8) {
    isConnected = reason == 0
    record(.connected(sessionPresent: sessionPresent, reason: reason))
  }

  func recordDisconnected(reason: Int32, errno error: Int32) {
    progress &+= 1
    guard !hasEnded else { return }
    isConnected = false
    hasEnded = true
    // From 0x80 on it is the broker's reason (MQTT 5, 3.14.2.1), below it is one of the library's errors.
    let words =
      unsafe reason >= 0x80
      ? String(cString: mosquitto_reason_string(reason)) : MosquittoError.words(reason, errno: error)
    let detail = log.isEmpty ? "" : " (\(log.joined(separator: "; ")))"
    record(.disconnected(reason: reason, text: words + detail))
  }

  func record(_ event: ConnectionEvent) {
    events.append(event)
    progress &+= 1
  }

  func record(log text: String) {
    record(.log(text))
    guard !log.contains(text) else { return }
    log.append(text)
    if log.count > Self.logLimit { log.removeFirst() }
  }

  /// The library has already queued the acknowledgement, so a message without a batch must stop the process
  /// before it is sent.
  func record(_ message: mosquitto_message, reply: MessageBatch.ReplyAddress?) {
    guard let batch else { preconditionFailure("a message arrived outside of receive(into:until:)") }
    progress &+= 1
    guard let topic = unsafe message.topic else { return }
    let length = unsafe strlen(topic)
    unsafe topic.withMemoryRebound(to: UInt8.self, capacity: length) { bytes in
      unsafe batch.append(
        topic: UnsafeBufferPointer(start: bytes, count: length),
        payload: UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
        qos: message.qos, isRetained: message.retain, reply: reply)
    }
  }
}
