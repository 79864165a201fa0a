/// TLS 1.2 or newer; the server's certificate and host name are always verified.
public struct TLSSettings: Sendable, Hashable {
  /// The authority that signed the broker's certificate (PEM); nil for the system's authorities.
  public var caFile: String?
  /// The client's certificate and key (PEM), both or neither.
  public var certFile: String?
  public var keyFile: String?

  public init(caFile: String? = nil, certFile: String? = nil, keyFile: String? = nil) {
    self.caFile = caFile
    self.certFile = certFile
    self.keyFile = keyFile
  }
}
