/// The verdicts of `rate_low` on the last hours of one camera.
public struct RateFinding: Sendable, Hashable {
  public var camera: String
  /// Epoch milliseconds: what was found from there on is found again.
  public var fromMs: Int64
  public var verdicts: [RateRule.Verdict]

  public init(camera: String, fromMs: Int64, verdicts: [RateRule.Verdict]) {
    (self.camera, self.fromMs, self.verdicts) = (camera, fromMs, verdicts)
  }
}
