/// How to reach a broker and what to ask of it.
public struct ConnectionSettings: Sendable {
  /// A host name or address; with port 0 the path of a Unix domain socket.
  public var host: String
  /// 1…65 535, or 0 for a Unix domain socket.
  public var port: Int32
  public var clientID: String
  /// A peer that is silent for 1.5 times this is given up. At least 7 s for that to hold; 0 switches it off.
  public var keepAliveSeconds: Int32 = 30
  /// False keeps the session of an earlier connection with the same client id.
  public var cleanStart = true
  /// How long a peer may take to accept the connection, the look-up of its name included.
  public var connectSeconds = 10
  /// How long the broker keeps the session after the connection ended; 0 ends it at once.
  public var sessionExpirySeconds: UInt32 = 0
  /// How many unacknowledged QoS 1 messages the broker may have under way to us.
  public var receiveMaximum: UInt16 = 65_535
  /// The broker must not send a larger packet (MQTT 5, 3.1.2.11.4); it discards such a message and tells nobody. So
  /// this is far above what an event may have: what is too large is to come, be counted and be refused.
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

  /// For messages to people.
  public var address: String { port == 0 ? host : "\(host):\(port)" }

  /// The library pings after one silent keep-alive and gives up after a second one, so it is told three
  /// quarters of ours to be done after one and a half. It takes nothing below 5 s.
  var libraryKeepAliveSeconds: Int32 { keepAliveSeconds == 0 ? 0 : max(5, keepAliveSeconds * 3 / 4) }
}
