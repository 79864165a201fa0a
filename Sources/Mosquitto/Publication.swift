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
}
