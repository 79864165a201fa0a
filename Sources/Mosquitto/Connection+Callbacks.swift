import CMosquitto
import Glibc

extension Connection {
  /// Every callback runs on the owner's thread, inside one of the connection's calls.
  static func setCallbacks(_ handle: OpaquePointer) {
    unsafe mosquitto_connect_v5_callback_set(handle) { handle, context, reason, flags, properties in
      let state = unsafe callbackState(context)
      state?.serverLimits = unsafe ServerLimits(properties)
      state?.recordConnected(sessionPresent: flags & 1 != 0, reason: UInt8(truncatingIfNeeded: reason))
      // With a log callback the library formats two lines for every message: a tenth of a message's cost. The
      // log only matters until the connection is open.
      if reason == 0 { unsafe mosquitto_log_callback_set(handle, nil) }
    }
    unsafe mosquitto_disconnect_v5_callback_set(handle) { _, context, reason, _ in
      let error = errno
      unsafe callbackState(context)?.recordDisconnected(reason: reason, errno: error)
    }
    unsafe mosquitto_subscribe_v5_callback_set(handle) { _, context, mid, count, granted, _ in
      guard let granted = unsafe granted else { return }
      let codes = (0..<Int(count)).map { unsafe UInt8(truncatingIfNeeded: granted[$0]) }
      unsafe callbackState(context)?.record(.subscribed(mid: mid, granted: codes))
    }
    unsafe mosquitto_publish_v5_callback_set(handle) { _, context, mid, reason, _ in
      unsafe callbackState(context)?.record(.published(mid: mid, reason: UInt8(truncatingIfNeeded: reason)))
    }
    unsafe mosquitto_log_callback_set(handle) { handle, context, level, text in
      guard level & (MOSQ_LOG_WARNING | MOSQ_LOG_ERR) != 0, let text = unsafe text else { return }
      let state = unsafe callbackState(context)
      unsafe state?.record(log: String(cString: text))
      if let verdict = unsafe certificateVerdict(handle) { state?.record(log: verdict) }
    }
    unsafe mosquitto_message_v5_callback_set(handle) { _, context, message, properties in
      guard let message = unsafe message?.pointee else { return }
      unsafe callbackState(context)?.record(message, reply: replyAddress(properties))
    }
  }
}

private func callbackState(_ context: UnsafeMutableRawPointer?) -> CallbackState? {
  unsafe context.map { unsafe Unmanaged<CallbackState>.fromOpaque($0).takeUnretainedValue() }
}

private func replyAddress(_ properties: OpaquePointer?) -> MessageBatch.ReplyAddress? {
  guard let properties = unsafe properties else { return nil }
  var topic: UnsafeMutablePointer<CChar>?
  let topicProperty = Int32(MQTT_PROP_RESPONSE_TOPIC.rawValue)
  guard unsafe mosquitto_property_read_string(properties, topicProperty, &topic, false) != nil,
    let topic = unsafe topic
  else { return nil }
  defer { unsafe free(topic) }
  var data: UnsafeMutableRawPointer?
  var count: UInt16 = 0
  let dataProperty = Int32(MQTT_PROP_CORRELATION_DATA.rawValue)
  let hasData = unsafe mosquitto_property_read_binary(properties, dataProperty, &data, &count, false) != nil
  defer { unsafe free(data) }
  let bytes = unsafe UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : Int(count))
  return unsafe MessageBatch.ReplyAddress(
    topic: String(cString: topic), correlationData: hasData ? Array(bytes) : nil)
}
