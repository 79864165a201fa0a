/// The settings of the drift rules for each camera and model version of a site: a limit of the camera comes before one
/// of the model version, that before the site's.
public struct DriftLimits: Sendable, Hashable {
  /// Limits that differ from the site's; nil where they do not. Millionths.
  public struct Override: Sendable, Hashable {
    public var limitPpm: Int32?
    public var clearLimitPpm: Int32?

    public init(limitPpm: Int32? = nil, clearLimitPpm: Int32? = nil) {
      self.limitPpm = limitPpm
      self.clearLimitPpm = clearLimitPpm
    }
  }

  public let site: DetectorSettings
  private let cameras: [String: Override]
  private let models: [String: Override]

  public init(
    _ site: DetectorSettings, cameras: [String: Override] = [:], models: [String: Override] = [:]
  ) {
    self.site = site
    self.cameras = cameras
    self.models = models
  }

  /// A clear limit that is not given keeps the site's distance to the limit.
  public func settings(for key: DriftKey) -> DetectorSettings {
    let (camera, model) = (cameras[key.cameraID], models[key.modelVersion])
    guard camera != nil || model != nil else { return site }
    let low = site.low
    let distance = low.clearLimitPpm - low.limitPpm
    let limit = camera?.limitPpm ?? model?.limitPpm ?? low.limitPpm
    let clear =
      camera?.clearLimitPpm ?? camera?.limitPpm.map { $0 + distance } ?? model?.clearLimitPpm
      ?? model?.limitPpm.map { $0 + distance } ?? low.clearLimitPpm
    return DetectorSettings(
      low: DriftSettings(
        window: low.window, limitPpm: limit, clearLimitPpm: max(limit, min(clear, 1_000_000)),
        onDelayMs: low.onDelayMs, gapCreditMs: low.gapCreditMs, clearDelayMs: low.clearDelayMs),
      gatePpm: site.gatePpm)
  }
}
