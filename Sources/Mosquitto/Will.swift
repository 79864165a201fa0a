/// The message that the broker publishes when the connection ends without a DISCONNECT (MQTT 5, 3.1.2.5).
public struct Will: Sendable {
  public var topic: String
  public var payload: [UInt8]
  public var qos: Int32
  public var retain: Bool
  /// How long the broker waits for the client to reconnect, seconds.
  public var delaySeconds: UInt32
  public var contentType: String?

  public init(
    topic: String, payload: [UInt8], qos: Int32 = 1, retain: Bool = false, delaySeconds: UInt32 = 0,
    contentType: String? = nil
  ) {
    self.topic = topic
    self.payload = payload
    self.qos = qos
    self.retain = retain
    self.delaySeconds = delaySeconds
    self.contentType = contentType
  }
}
