/// One message to publish.
public struct Publication: Sendable {
  public var topic: String
  public var payload: [UInt8]
  /// 0 or 1; 2 is never used.
  public var qos: Int32
  public var retain: Bool
  public var properties: PublishProperties

  public init(
    topic: String, payload: [UInt8], qos: Int32 = 1, retain: Bool = false,
    properties: PublishProperties = PublishProperties()
  ) {
    self.topic = topic
    self.payload = payload
    self.qos = qos
    self.retain = retain
    self.properties = properties
  }

  /// The size of its PUBLISH packet on the wire, fixed header included (MQTT 5, 3.3). O(1).
  public var packetBytes: Int {
    let properties = properties.encodedBytes
    let remaining =
      2 + topic.utf8.count + (qos > 0 ? 2 : 0) + Self.varintBytes(properties) + properties + payload.count
    return 1 + Self.varintBytes(remaining) + remaining
  }

  private static func varintBytes(_ value: Int) -> Int {
    switch value {
    case ..<128: 1
    case ..<16_384: 2
    case ..<2_097_152: 3
    default: 4
    }
  }
}
