/// From when to when a certificate is valid.
public struct CertificateValidity: Sendable, Equatable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public let fromSeconds: Int64
  public let toSeconds: Int64
}
