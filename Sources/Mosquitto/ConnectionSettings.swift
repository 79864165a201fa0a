/// How to reach a broker and what to ask of it.
public struct ConnectionSettings: Sendable {
  /// A host name or address; with port 0 the path of a Unix domain socket.
  public var host: String
  public var port: Int32
  public var clientID: String
  public var keepAliveSeconds: Int32 = 30
  /// False keeps the session of an earlier connection with the same client id.
  public var cleanStart = true
  /// How long the broker keeps the session after the connection ended; 0 ends it at once.
  public var sessionExpirySeconds: UInt32 = 0
  /// How many unacknowledged QoS 1 messages the broker may have under way to us.
  public var receiveMaximum: UInt16 = 65_535
  /// A larger packet is never sent to us, so what a header declares need not be feared.
  public var maximumPacketBytes: UInt32 = 1_048_576
  public var username: String?
  public var password: Secret?
  public var tls: TLSSettings?
  public var will: Will?

  public init(host: String, port: Int32, clientID: String) {
    self.host = host
    self.port = port
    self.clientID = clientID
  }
}
