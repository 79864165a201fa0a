package import Mosquitto

extension ConnectionSettings {
  /// The configured broker, for one client id.
  package init(_ broker: BrokerSettings, password: String?, clientID: String) {
    self.init(host: broker.host, port: Int32(broker.port), clientID: clientID)
    keepAliveSeconds = Int32(broker.keepAliveSeconds)
    username = broker.username
    self.password = password.map { Secret($0) }
    if let tls = broker.tls {
      self.tls = TLSSettings(caFile: tls.caFile, certFile: tls.certFile, keyFile: tls.keyFile)
    }
  }
}
