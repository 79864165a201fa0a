/// The settings of one site's drift rules.
public struct DetectorSettings: Sendable, Hashable {
  /// For `confidence_low`; `confidence_sparse` and `gate_share` share its window and delays.
  public let low: DriftSettings
  /// The confidence gate of the KPIs, millionths: `gate_share` counts the samples below it.
  public let gatePpm: Int32

  public init(low: DriftSettings = DriftSettings(), gatePpm: Int32 = 700_000) {
    self.low = low
    self.gatePpm = gatePpm
  }
}
