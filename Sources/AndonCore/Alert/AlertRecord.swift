/// The current state of one alert, as its retained topic shows it.
public struct AlertRecord: Sendable, Hashable {
  public var siteID: String
  /// `drift` for the rule `confidence_low`.
  public var alertClass: String
  public var sourceID: String
  public var rule: String
  public var state: AlertState
  public var meanPpm: Int32?
  public var limitPpm: Int32
  public var clearLimitPpm: Int32
  public var samples: Int
  /// The rolling mean has too few samples for a verdict.
  public var hasInsufficientData: Bool
  public var modelVersion: String
  /// When the condition began, and when it became an alert; event time.
  public var sinceMs: Int64?
  public var raisedMs: Int64?
  public var coverMs: Int64
  public var isStale: Bool
  public var nowMs: Int64
  public var revision: Int64 = 1

  private static let severity: Int64 = 600

  /// The alert of one key's rule. `isStale` is the clock's only say: no sample came for a long time.
  public init(siteID: String, key: DriftKey, rule: ConfidenceLowRule, nowMs: Int64, staleAfterMs: Int64) {
    self.siteID = siteID
    alertClass = "drift"
    sourceID = key.cameraID
    self.rule = "confidence_low"
    modelVersion = key.modelVersion
    meanPpm = rule.meanPpm
    limitPpm = rule.settings.limitPpm
    clearLimitPpm = rule.settings.clearLimitPpm
    samples = rule.sampleCount
    hasInsufficientData = rule.state == .insufficientData
    coverMs = rule.coverMs
    self.nowMs = nowMs
    isStale = rule.lastSample.map { nowMs - $0.timestampMs > staleAfterMs } ?? true
    switch rule.state {
    case .insufficientData, .normal:
      state = .normal
    case .pending(let since):
      state = .pending
      sinceMs = since
    case .active(let since, let raised):
      state = .unackActive
      sinceMs = since
      raisedMs = raised
    }
  }

  public var isActive: Bool { state == .unackActive }

  /// Of several versions on one camera, the one to worry about: the later state, then the lower mean.
  public static func worst(of records: [AlertRecord]) -> AlertRecord? {
    records.max { left, right in
      if left.state != right.state { return left.state < right.state }
      let (leftMean, rightMean) = (left.meanPpm ?? .max, right.meanPpm ?? .max)
      if leftMean != rightMean { return leftMean > rightMean }
      return left.modelVersion < right.modelVersion
    }
  }

  /// Names one occurrence whatever the order of arrival: a function of source, version and beginning.
  public var occurrenceID: String? {
    guard let sinceMs else { return nil }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(siteID)/\(alertClass)/\(sourceID)/\(modelVersion)/\(sinceMs)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The flat object of the `alert` topic.
  public func json() -> [UInt8] {
    var writer = JSONWriter(capacity: 768)
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", siteID)
    writer.field("alert_id", "\(siteID)/\(alertClass)/\(sourceID)")
    if let occurrenceID { writer.field("occurrence_id", occurrenceID) }
    writer.field("class", alertClass)
    writer.field("source_id", sourceID)
    writer.field("rule", rule)
    writer.field("state", state.rawValue)
    writer.field("active", isActive)
    writer.field("acked", false)
    writer.field("shelved", false)
    writer.field("stale", isStale)
    writer.field("insufficient_data", hasInsufficientData)
    writer.field("severity", Self.severity)
    writer.field("priority", "medium")
    writer.field("metric", "confidence_mean")
    if let meanPpm { writer.field("value", scaled: Int64(meanPpm) / 10_000, digits: 2) }
    writer.field("limit", scaled: Int64(limitPpm) / 10_000, digits: 2)
    writer.field("clear_limit", scaled: Int64(clearLimitPpm) / 10_000, digits: 2)
    writer.field("samples", samples)
    writer.field("model_version", modelVersion)
    if let sinceMs { writer.field("since_ms", sinceMs) }
    if let raisedMs { writer.field("raised_ms", raisedMs) }
    writer.field("rev", revision)
    writer.field("message", message)
    return writer.end()
  }

  /// One sentence for a person.
  public var message: String {
    guard let meanPpm else { return "\(sourceID): \(samples) events so far, too few for a verdict" }
    let mean = "\(sourceID): mean confidence \(Self.hundredths(meanPpm)) over the last \(samples) events"
    guard state != .normal else { return mean }
    let minutes = coverMs / 60_000
    let minuteText = minutes % 60 < 10 ? "0\(minutes % 60)" : "\(minutes % 60)"
    return "\(mean), below \(Self.hundredths(limitPpm)) for \(minutes / 60) h \(minuteText) min"
  }

  private static func hundredths(_ ppm: Int32) -> String {
    var bytes: [UInt8] = []
    JSONWriter.append(scaled: Int64(ppm) / 10_000, digits: 2, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
