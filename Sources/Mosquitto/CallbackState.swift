import CMosquitto
import Glibc

/// Where libmosquitto's callbacks leave what happened. The library holds an unretained pointer to it, so a
/// `Connection` destroys its handle before it lets go of this.
final class CallbackState {
  private(set) var events: [ConnectionEvent] = []
  /// The batch that `receive` fills; messages arrive only inside that call.
  var batch: MessageBatch?
  /// The library's last words of warning, for error messages; at most `logLimit`.
  private(set) var log: [String] = []
  /// Grows with every callback, so that progress can be told from an idle socket.
  private(set) var progress: UInt64 = 0
  /// The broker accepted CONNECT, and the connection has not ended since.
  private(set) var isConnected = false
  /// What the broker said of itself when it accepted.
  var serverLimits = ServerLimits()
  /// The library reported the end; it may do so again at every later call, which is no news.
  private(set) var hasEnded = false

  private static let logLimit = 8

  /// Everything as before a first connect.
  func reset() {
    events.removeAll()
    log.removeAll()
    serverLimits = ServerLimits()
    isConnected = false
    hasEnded = false
  }

  func takeEvents() -> [ConnectionEvent] {
    guard !events.isEmpty else { return [] }
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  func noteConnected(sessionPresent: Bool, reason: UInt8) {
    isConnected = reason == 0
    note(.connected(sessionPresent: sessionPresent, reason: reason))
  }

  func noteDisconnected(reason: Int32, errno error: Int32) {
    progress &+= 1
    guard !hasEnded else { return }
    isConnected = false
    hasEnded = true
    // From 0x80 on it is the broker's reason (MQTT 5, 3.14.2.1), below one of the library's errors.
    let words =
      unsafe reason >= 0x80
      ? String(cString: mosquitto_reason_string(reason)) : MosquittoError.words(reason, errno: error)
    let detail = log.isEmpty ? "" : " (\(log.joined(separator: "; ")))"
    note(.disconnected(reason: reason, text: words + detail))
  }

  func note(_ event: ConnectionEvent) {
    events.append(event)
    progress &+= 1
  }

  func note(log text: String) {
    note(.log(text))
    guard !log.contains(text) else { return }
    log.append(text)
    if log.count > Self.logLimit { log.removeFirst() }
  }

  /// The library queued the acknowledgement already, so a message that nobody keeps must not live to see it sent.
  func note(_ message: mosquitto_message, reply: MessageBatch.ReplyAddress?) {
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
