import Mosquitto

/// Checks every 10 s what runs out slowly: the space on the disk and the broker's certificate.
struct ResourceMonitor: Sendable {
  struct Findings {
    let space: DiskSpaceMonitor.Finding?
    /// Nil while the certificate is valid for long enough.
    let certificate: (words: String, isNews: Bool)?
  }

  private static let intervalMs: Int64 = 10_000
  private let space: DiskSpaceMonitor
  private var certificate = CertificateExpiryMonitor()
  private var nextCheckMs: Int64

  /// - Parameter firstCheckMs: when the first check is due, monotonic milliseconds.
  init(space: DiskSpaceMonitor, firstCheckMs: Int64) {
    self.space = space
    nextCheckMs = firstCheckMs
  }

  /// True once for each interval.
  mutating func isDue(monotonicMs: Int64) -> Bool {
    guard monotonicMs >= nextCheckMs else { return false }
    nextCheckMs = monotonicMs + Self.intervalMs
    return true
  }

  mutating func check(_ validity: CertificateValidity?, nowMs: Int64) -> Findings {
    Findings(
      space: space.check(),
      certificate: certificate.warning(expiresAtMs: validity.map { $0.toSeconds * 1000 }, nowMs: nowMs))
  }
}
