/// One sentence for a person about an alert.
enum AlertMessage {
  static func text(_ record: AlertRecord) -> String {
    let (key, measure) = (record.life.key, record.life.measure)
    let subject = key.rule == .siteModel ? record.siteID : key.sourceID
    return "\(subject): \(what(key, measure, record))"
  }

  private static func what(_ key: AlertKey, _ measure: AlertMeasure, _ record: AlertRecord) -> String {
    let value = measure.value.map(measure.text) ?? "–"
    let limit = measure.limit.map(measure.text) ?? "–"
    switch key.rule {
    case .confidenceLow: return confidence(measure, record, over: "the last \(measure.samples ?? 0) events")
    case .confidenceSparse:
      return confidence(measure, record, over: "the \(measure.samples ?? 0) events of the last 24 h")
    case .confidenceDrop:
      return "mean confidence of 24 h \(value), more than 15 % below the same day of last week (\(limit))"
    case .gateShare: return "\(value) % of the last events are below the confidence gate"
    case .confidenceShift:
      return "hourly confidence keeps falling short of its own profile, sum \(value) of \(limit)"
    case .productivity: return measure.note ?? "\(measure.metric) \(value), expected about \(limit)"
    case .versionRegression:
      return
        "model \(key.modelVersion) starts with a mean confidence of \(value), the one before had \(limit)"
    case .siteModel: return "\(value) cameras on model \(key.sourceID) are low at once: is it the model?"
    case .cameraSilent: return "no event for \(value) s inside a shift"
    case .cameraOffline: return "the camera is offline"
    case .clockSkew: return "its clock and the bridge's differ by \(value) s"
    case .rejectRate: return "\(value) % of its last events were rejected"
    case .dataGap: return measure.note ?? "events are missing"
    }
  }

  private static func confidence(_ measure: AlertMeasure, _ record: AlertRecord, over: String) -> String {
    guard let value = measure.value, let limit = measure.limit else {
      return "\(measure.samples ?? 0) events so far, too few for a verdict"
    }
    let mean = "mean confidence \(measure.text(value)) over \(over)"
    guard record.life.isRaised || record.life.pendingSinceMs != nil else { return mean }
    let below = "below \(measure.text(limit)) for \(duration(measure.coverMs ?? 0))"
    guard value >= limit else { return "\(mean), \(below)" }
    return "\(mean), was \(below), clears at \(measure.clearLimit.map(measure.text) ?? "–")"
  }

  /// `1 h 00 min`, rounded down.
  private static func duration(_ milliseconds: Int64) -> String {
    let minutes = milliseconds / 60_000
    let rest = minutes % 60
    return "\(minutes / 60) h \(rest < 10 ? "0" : "")\(rest) min"
  }
}
