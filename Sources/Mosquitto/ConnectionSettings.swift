/// How to reach a broker, and the options of the connection.
public struct ConnectionSettings: Sendable {
  /// A host name or address; with port 0 the path of a Unix domain socket.
  public var host: String
  /// 1…65 535, or 0 for a Unix domain socket.
  public var port: Int32
  public var clientID: String
  /// A peer that is silent for 1.5 times this, seconds, is given up. Below 7 s it takes longer; 0 switches it
  /// off.
  public var keepAliveSeconds: Int32 = 30
  /// False keeps the session of an earlier connection with the same client id.
  public var cleanStart = true
  /// How long a peer may take to accept the connection, name resolution included.
  public var connectSeconds = 10
  /// How long the broker keeps the session after the connection ended; 0 ends it at once.
  public var sessionExpirySeconds: UInt32 = 0
  /// How many unacknowledged QoS 1 messages the broker may send.
  public var receiveMaximum: UInt16 = 65_535
  /// The broker must not send a larger packet (MQTT 5, 3.1.2.11.4); it discards such a message silently. So
  /// this is far above the largest event: a message that is too large must arrive to be counted and rejected.
  public var maximumPacketBytes: UInt32 = 16 << 20
  public var username: String?
  public var password: Secret?
  public var tls: TLSSettings?
  public var will: Will?

  public init(host: String, port: Int32, clientID: String) {
    self.host = host
    self.port = port
    self.clientID = clientID
  }

  /// The address for messages to people.
  public var address: String { port == 0 ? host : "\(host):\(port)" }

  /// The library pings after one silent keep-alive and gives up after a second one. It gets three quarters of
  /// ours, so that it gives up after one and a half. It accepts nothing below 5 s.
  var libraryKeepAliveSeconds: Int32 { keepAliveSeconds == 0 ? 0 : max(5, keepAliveSeconds * 3 / 4) }
}
