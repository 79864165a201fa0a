import AndonCore

/// What one camera's clock and rejections are judged by. It starts anew with the bridge: an alert that was on
/// stays on until there is a verdict again.
struct CameraHealth: Sendable {
  var skew = ClockSkewRule()
  var rejects: RejectRateRule

  init(isRejectRateHigh: Bool) { rejects = RejectRateRule(isHigh: isRejectRateHigh) }
}
