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

  /// Their size in a packet, without the length field (MQTT 5, 2.2.2.2).
  var encodedBytes: Int {
    func bytes(_ text: String?) -> Int { text.map { 3 + $0.utf8.count } ?? 0 }
    return (isUTF8 ? 2 : 0) + (messageExpirySeconds == nil ? 0 : 5) + bytes(contentType)
      + bytes(responseTopic) + (correlationData.map { 3 + $0.count } ?? 0)
      + userProperties.reduce(0) { $0 + 5 + $1.name.utf8.count + $1.value.utf8.count }
  }
}
