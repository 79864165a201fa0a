import AndonCore

/// Warns before the broker's certificate expires: 30, 7 and 1 days before.
package struct CertificateExpiryMonitor: Sendable {
  private static let dayMs: Int64 = 86_400_000
  private static let stages: [Int64] = [30, 7, 1]
  /// The last warning stage that was reached, days.
  private var stage: Int64?

  package init() {}

  /// The warning at `nowMs`, nil while there is enough time; `isNews` when a new stage was reached.
  package mutating func warning(expiresAtMs: Int64?, nowMs: Int64) -> (words: String, isNews: Bool)? {
    guard let expiresAtMs else { return nil }
    let daysLeft = (expiresAtMs - nowMs) / Self.dayMs
    let reached = Self.stages.last { daysLeft < $0 }
    defer { stage = reached }
    guard let reached else { return nil }
    let words =
      "the broker's certificate expires on \(CivilTime.text(epochMs: expiresAtMs)), in \(max(0, daysLeft)) days"
    return (words, reached != stage)
  }
}
