/// The MQTT 5 properties of a PUBLISH that Andon uses.
public struct PublishProperties: Sendable {
  public var contentType: String?
  /// Sets the payload format indicator to 1: the payload is UTF-8.
  public var isUTF8: Bool
  public var messageExpirySeconds: UInt32?
  public var userProperties: [(name: String, value: String)] = []
  public var responseTopic: String?
  public var correlationData: [UInt8]?

  public init(contentType: String? = nil, isUTF8: Bool = false, messageExpirySeconds: UInt32? = nil) {
    self.contentType = contentType
    self.isUTF8 = isUTF8
    self.messageExpirySeconds = messageExpirySeconds
  }
}
