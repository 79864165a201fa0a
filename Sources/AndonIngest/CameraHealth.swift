import AndonCore

/// The inputs of `clock_skew` and `reject_rate` for one camera. They start empty after a restart: an alarm
/// that was raised stays raised until there is a verdict again.
struct CameraHealth: Sendable {
  var skew = ClockSkewRule()
  var rejects: RejectRateRule

  init(isRejectRateHigh: Bool) { rejects = RejectRateRule(isHigh: isRejectRateHigh) }
}
