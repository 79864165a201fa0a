/// A detector with the hours that it looks back at: one key without a store.
public struct DriftSeries: Sendable {
  public private(set) var detector: DriftDetector
  public private(set) var history = HourHistory()

  public init(settings: DetectorSettings) { detector = DriftDetector(settings: settings) }

  /// Continues from a stored detector; the history is that of its samples.
  public init(detector: DriftDetector, history: HourHistory) {
    self.detector = detector
    self.history = history
  }

  /// Applies the next sample, which must not lie before the last one.
  public mutating func apply(_ sample: DriftSample) -> DriftDetector.Result {
    let history = history
    let result = detector.apply(sample) { history.between($0) }
    if let hour = result.closedHour { self.history.append(hour) }
    return result
  }
}
