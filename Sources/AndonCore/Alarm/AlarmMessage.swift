/// One sentence about an alarm: what and where, since when or for how long, the value and the limit with
/// their unit, and while it is raised a short remedy.
enum AlarmMessage {
  static func text(_ record: AlarmRecord) -> String {
    let key = record.machine.key
    let subject = key.rule == .siteModel ? record.siteID : key.sourceID
    let remedy = record.machine.isRaised ? remedy(key.rule).map { "; \($0)" } ?? "" : ""
    return "\(subject): \(what(key, record.machine.measure, record))\(remedy)"
  }

  private static func what(_ key: AlarmKey, _ measure: AlarmMeasure, _ record: AlarmRecord) -> String {
    let value = measure.value.map { plain($0, measure) } ?? "–"
    let limit = measure.limit.map { plain($0, measure) } ?? "–"
    let count = measure.samples ?? 0
    switch key.rule {
    case .confidenceLow: return confidence(measure, record, over: "the last \(count) events")
    case .confidenceSparse: return confidence(measure, record, over: "the \(count) events of the last 24 h")
    case .confidenceDrop:
      return "mean confidence \(measure.value.map(measure.text) ?? "–") over 24 h, limit "
        + "\(measure.limit.map(measure.text) ?? "–") (15 % below the same 24 h of last week)"
    case .gateShare:
      return "\(value) % of the last \(count) events below the confidence gate, limit \(limit) %"
    case .confidenceShift:
      return "hourly confidence keeps falling short of the camera's own profile, sum \(value), limit \(limit)"
    case .productivity: return measure.note ?? "\(measure.metric) \(value), expected about \(limit)"
    case .versionRegression:
      return
        "model \(key.modelVersion) had in its first 24 h a mean confidence more than 0.05 below that of the "
        + "model before in its last 7 days"
    case .siteModel: return "\(value) cameras on model \(key.sourceID) are low at once, limit \(limit)"
    case .cameraSilent:
      return "no event for \(duration(seconds: measure.value)) inside a shift, limit "
        + "\(duration(seconds: measure.limit))\(span(record))"
    case .cameraOffline: return "the camera \(isOn(record) ? "is" : "was") offline\(span(record))"
    case .groupOffline, .groupSilent:
      let state = key.rule == .groupOffline ? "offline" : "silent"
      return "\(value) cameras of the group \(isOn(record) ? "are" : "were") \(state) at once\(span(record))"
        + (measure.note.map { ": \($0)" } ?? "")
    case .clockSkew:
      let side = (measure.value ?? 0) < 0 ? "ahead of" : "behind"
      let skew = measure.value.map { plain(abs($0), measure) } ?? "–"
      return "its clock is \(skew) s \(side) the bridge's (median of \(count) events), limit \(limit) s"
    case .rejectRate: return "\(value) % of its last \(count) events were rejected, limit \(limit) %"
    case .rateLow:
      return "\(value) events in an hour, fewer than \(limit)" + (measure.note.map { " (\($0))" } ?? "")
    case .siteUnowned:
      return "no bridge of the fleet has the site for \(duration(seconds: measure.value)), limit "
        + "\(duration(seconds: measure.limit))"
    case .dataGap where measure.note == nil && !isOn(record):
      return "its missing events arrived, or somebody knows of them"
    case .dataGap:
      return (measure.note ?? "events are missing") + " (for \(duration(seconds: measure.value)))"
    }
  }

  private static func remedy(_ rule: AlarmRule) -> String? {
    switch rule {
    case .gateShare: "check lens, light and model"
    case .siteModel: "check the model before the lenses"
    case .versionRegression: "compare the models before you go on with it"
    case .cameraSilent: "check the camera and what it looks at"
    case .rateLow: "check what it sees: lens, light, position"
    case .cameraOffline: "check its power and network"
    case .groupOffline, .groupSilent: "check what they share: switch, power, network"
    case .clockSkew: "check its time server"
    case .rejectRate: "look into the quarantine"
    default: nil
    }
  }

  /// The condition holds, raised or not.
  private static func isOn(_ record: AlarmRecord) -> Bool {
    record.machine.isRaised || record.machine.pendingSinceMs != nil
  }

  private static func confidence(_ measure: AlarmMeasure, _ record: AlarmRecord, over: String) -> String {
    guard let value = measure.value, let limit = measure.limit else {
      return "\(measure.samples ?? 0) events so far, too few for a verdict"
    }
    let mean = "mean confidence \(measure.text(value)) over \(over)"
    guard isOn(record) else { return mean }
    let below = "below \(measure.text(limit)) for \(duration(measure.activeMs ?? 0))"
    guard value >= limit else { return "\(mean), \(below)" }
    return "\(mean), was \(below), clears at \(measure.clearLimit.map(measure.text) ?? "–")"
  }

  // MARK: Figures

  /// ` since 2026-01-15T10:15Z`, or ` from … to …`; empty when no occurrence is shown.
  private static func span(_ record: AlarmRecord) -> String {
    guard let since = record.sinceMs else { return "" }
    guard let cleared = record.clearedMs else { return " since \(minute(since))" }
    return " from \(minute(since)) to \(minute(cleared))"
  }

  private static func minute(_ epochMs: Int64) -> String {
    CivilTime.text(epochMs: epochMs).prefix(16) + "Z"
  }

  /// Without trailing zeros: `61`, not `61.00`.
  private static func plain(_ scaled: Int64, _ measure: AlarmMeasure) -> String {
    var text = measure.text(scaled)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  private static func duration(seconds: Int64?) -> String { seconds.map { duration($0 * 1000) } ?? "–" }

  /// `45 s`, `11 min`, `1 h 00 min`: rounded down.
  private static func duration(_ milliseconds: Int64) -> String {
    let minutes = milliseconds / 60_000
    guard minutes > 0 else { return "\(milliseconds / 1000) s" }
    guard minutes >= 60 else { return "\(minutes) min" }
    let rest = minutes % 60
    return "\(minutes / 60) h \(rest < 10 ? "0" : "")\(rest) min"
  }
}
