import CMosquitto

/// A property list of libmosquitto (MQTT 5), freed at the end of its life.
@safe struct PropertyList: ~Copyable {
  private(set) var head: OpaquePointer?
  /// The first error code from adding a property, e.g. for a string beyond 65 535 bytes.
  private(set) var failure: Int32 = 0

  deinit {
    var head = unsafe head
    unsafe mosquitto_property_free_all(&head)
  }

  init() {}

  /// Gives up ownership of the list: the library frees it.
  mutating func release() { unsafe head = nil }

  private mutating func record(_ code: Int32) {
    if failure == 0 { failure = code }
  }

  mutating func add(_ identifier: mqtt5_property, byte: UInt8) {
    record(unsafe mosquitto_property_add_byte(&head, Int32(identifier.rawValue), byte))
  }

  mutating func add(_ identifier: mqtt5_property, int32: UInt32) {
    record(unsafe mosquitto_property_add_int32(&head, Int32(identifier.rawValue), int32))
  }

  mutating func add(_ identifier: mqtt5_property, string: String) {
    record(unsafe mosquitto_property_add_string(&head, Int32(identifier.rawValue), string))
  }

  mutating func add(_ identifier: mqtt5_property, binary: [UInt8]) {
    guard let count = UInt16(exactly: binary.count) else {
      return record(Int32(MOSQ_ERR_INVAL.rawValue))
    }
    record(unsafe mosquitto_property_add_binary(&head, Int32(identifier.rawValue), binary, count))
  }

  mutating func add(_ identifier: mqtt5_property, name: String, value: String) {
    record(unsafe mosquitto_property_add_string_pair(&head, Int32(identifier.rawValue), name, value))
  }

  init(_ properties: PublishProperties) {
    if properties.isUTF8 { add(MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, byte: 1) }
    if let type = properties.contentType { add(MQTT_PROP_CONTENT_TYPE, string: type) }
    if let seconds = properties.messageExpirySeconds {
      add(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, int32: seconds)
    }
    if let topic = properties.responseTopic { add(MQTT_PROP_RESPONSE_TOPIC, string: topic) }
    if let data = properties.correlationData { add(MQTT_PROP_CORRELATION_DATA, binary: data) }
    for (name, value) in properties.userProperties {
      add(MQTT_PROP_USER_PROPERTY, name: name, value: value)
    }
  }
}
