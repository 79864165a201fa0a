/// The current state of one alarm as its retained topic shows it, or one journal row.
public struct AlarmRecord: Sendable, Hashable {
  public var siteID: String
  public var machine: AlarmStateMachine
  /// The clock's time of the record; the only field that differs between equal samples.
  public var nowMs: Int64
  /// What happened; nil for a current state.
  public var transition: AlarmTransition?

  /// A current state.
  public init(siteID: String, machine: AlarmStateMachine, nowMs: Int64) {
    self.siteID = siteID
    self.machine = machine
    self.nowMs = nowMs
  }

  /// A journal row.
  public init(siteID: String, transition: AlarmTransition) {
    self.siteID = siteID
    self.transition = transition
    machine = transition.machine
    nowMs = transition.nowMs
  }

  public var alertID: String { machine.key.alertID(site: siteID) }
  public var state: AlarmState { machine.state }

  /// The occurrence that the record is about: the past one for a row about the past, otherwise the shown one.
  public var occurrenceID: String? {
    if let past = transition?.past { return past.occurrenceID(site: siteID) }
    if let occurrence = machine.occurrence { return occurrence.id }
    return machine.pendingSinceMs.map { OccurrenceID.text(site: siteID, key: machine.key, sinceMs: $0) }
  }

  var sinceMs: Int64? {
    transition?.past?.sinceMs ?? (isOccurrenceShown ? machine.occurrence?.sinceMs : machine.pendingSinceMs)
  }

  private var raisedMs: Int64? {
    transition?.past?.raisedMs ?? (isOccurrenceShown ? machine.occurrence?.raisedMs : nil)
  }

  var clearedMs: Int64? {
    if let past = transition?.past { return past.endedMs }
    return isOccurrenceShown ? machine.occurrence?.clearedMs : nil
  }

  /// An occurrence that is cleared and acknowledged is shown in the journal only.
  private var isOccurrenceShown: Bool {
    guard let occurrence = machine.occurrence else { return false }
    return transition != nil || occurrence.clearedMs == nil || !occurrence.isAcked
  }

  /// `urgent` from 900 on, `high` from 700, `medium` from 400.
  public static func priority(severity: Int64) -> String {
    switch severity {
    case 900...: "urgent"
    case 700...: "high"
    case 400...: "medium"
    default: "low"
    }
  }

  /// The most urgent of the records of several versions on one camera: by state, then by the lower value.
  public static func worst(of records: [AlarmRecord]) -> AlarmRecord? {
    records.max { left, right in
      if left.state != right.state { return left.state < right.state }
      let (leftValue, rightValue) = (left.machine.measure.value ?? .max, right.machine.measure.value ?? .max)
      if leftValue != rightValue { return leftValue > rightValue }
      return left.machine.key < right.machine.key
    }
  }

  /// The flat object of the topics `alert` and `alert_event`. Decimals are rounded down; fields that do not
  /// apply are left out.
  public func json() -> [UInt8] {
    let (key, measure, occurrence) = (machine.key, machine.measure, machine.occurrence)
    var writer = JSONWriter(capacity: 1024)
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", siteID)
    writer.field("alert_id", alertID)
    if let occurrenceID, transition != nil || isOccurrenceShown || state == .pending {
      writer.field("occurrence_id", occurrenceID)
    }
    writer.field("class", key.rule.alertClass)
    writer.field("source_id", key.sourceID)
    writer.field("rule", key.rule.rawValue)
    writer.field("state", state.rawValue)
    writer.field("active", state.isActive)
    writer.field("acked", occurrence?.isAcked == true && isOccurrenceShown)
    writer.field("shelved", state == .shelved)
    writer.field("stale", machine.isStale)
    writer.field("insufficient_data", measure.value == nil)
    writer.field("severity", machine.severity)
    writer.field("priority", Self.priority(severity: machine.severity))
    writer.field("metric", measure.metric)
    write("value", measure.value, &writer)
    write("limit", measure.limit, &writer)
    write("clear_limit", measure.clearLimit, &writer)
    if let samples = measure.samples { writer.field("samples", samples) }
    if !key.modelVersion.isEmpty || DriftDetector.rules.contains(key.rule) {
      writer.field("model_version", key.modelVersion)
    }
    if let sinceMs { writer.field("since_ms", sinceMs) }
    if let raisedMs { writer.field("raised_ms", raisedMs) }
    if let clearedMs { writer.field("cleared_ms", clearedMs) }
    if isOccurrenceShown, let occurrence {
      if occurrence.flapCount > 0 { writer.field("flap_count", occurrence.flapCount) }
      if occurrence.renotifyCount > 0 { writer.field("renotify_count", occurrence.renotifyCount) }
      if let by = occurrence.ackedBy { writer.field("acked_by", by) }
      if let at = occurrence.ackedMs { writer.field("acked_ms", at) }
      if let alarm = occurrence.attachedTo { writer.field("attached_to", alarm) }
    }
    if let shelf = machine.shelf {
      writer.field("shelved_until_ms", shelf.untilMs)
      writer.field("shelved_by", shelf.by)
    }
    writer.field("rev", machine.revision)
    if let transition { write(transition, &writer) }
    writer.field("message", AlarmMessage.text(self))
    return writer.end()
  }

  private func write(_ transition: AlarmTransition, _ writer: inout JSONWriter) {
    writer.field("event", transition.kind.rawValue)
    writer.field("from_state", transition.fromState.rawValue)
    writer.field("page", transition.page)
    writer.field("at_ms", transition.atMs)
    if let by = transition.by { writer.field("by", by) }
    if let comment = transition.comment { writer.field("comment", comment) }
  }

  private func write(_ name: String, _ scaled: Int64?, _ writer: inout JSONWriter) {
    guard let scaled else { return }
    // Always with a decimal point: panels fix a key's type by the first alarm they see, of any rule.
    let digits = machine.measure.digits
    writer.field(name, scaled: digits > 0 ? scaled : scaled * 10, digits: max(1, digits))
  }
}
