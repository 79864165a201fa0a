import CMosquitto

/// The limits in a broker's CONNACK (MQTT 5, 3.2.2.3); nil for the standard's default.
public struct ServerLimits: Sendable, Equatable {
  public internal(set) var maximumPacketBytes: UInt32?
  public internal(set) var maximumQoS: UInt8?
  public internal(set) var retainAvailable: Bool?
  /// The session expiry that the broker granted.
  public internal(set) var sessionExpirySeconds: UInt32?
  public internal(set) var keepAliveSeconds: UInt16?

  public init() {}

  init(_ properties: OpaquePointer?) {
    guard let properties = unsafe properties else { return }
    maximumPacketBytes = unsafe int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE)
    maximumQoS = unsafe byte(properties, MQTT_PROP_MAXIMUM_QOS)
    retainAvailable = unsafe byte(properties, MQTT_PROP_RETAIN_AVAILABLE).map { $0 != 0 }
    sessionExpirySeconds = unsafe int32(properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL)
    keepAliveSeconds = unsafe int16(properties, MQTT_PROP_SERVER_KEEP_ALIVE)
  }
}

private func int32(_ properties: OpaquePointer, _ property: mqtt5_property) -> UInt32? {
  var value: UInt32 = 0
  let found = unsafe mosquitto_property_read_int32(properties, Int32(property.rawValue), &value, false)
  return unsafe found == nil ? nil : value
}

private func int16(_ properties: OpaquePointer, _ property: mqtt5_property) -> UInt16? {
  var value: UInt16 = 0
  let found = unsafe mosquitto_property_read_int16(properties, Int32(property.rawValue), &value, false)
  return unsafe found == nil ? nil : value
}

private func byte(_ properties: OpaquePointer, _ property: mqtt5_property) -> UInt8? {
  var value: UInt8 = 0
  let found = unsafe mosquitto_property_read_byte(properties, Int32(property.rawValue), &value, false)
  return unsafe found == nil ? nil : value
}
