/// The current state of one alarm as its retained topic shows it, or one journal row.
public struct AlarmRecord: Sendable, Hashable {
  public var siteID: String
  public var machine: AlarmStateMachine
  /// The clock's time of the record; the only field that differs between equal samples.
  public var nowMs: Int64
  /// What happened; nil for a current state.
  public var transition: AlarmTransition?
  /// What people call its source, and where that is; nil where that was not looked up.
  public var place: PlaceNames?

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

  /// The same record with the names of its source. O(workstations that a camera sees).
  public func named(by names: SiteNames) -> AlarmRecord {
    var place = PlaceNames()
    let id = machine.key.sourceID
    switch machine.key.rule {
    case .siteModel, .siteUnowned: place.name = names.site
    case .productivity:
      place.name = names.workstation(id)
      place.workstationName = place.name
      names.set(names.layout.line(ofWorkstation: id), on: &place)
    case .groupOffline, .groupSilent:
      place.name = id == names.siteID ? names.site : names.layout.line(id)?.name
      names.set(names.layout.line(id), on: &place)
    default: names.set(camera: id, on: &place)
    }
    place.link = names.publicURL.map { "\($0)/#/\(names.siteID)/alerts?find=\(alertID)" }
    var record = self
    record.place = place
    return record
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

  /// The occurrence whose details belong into the record.
  private var shownOccurrence: AlarmStateMachine.Occurrence? { isOccurrenceShown ? machine.occurrence : nil }

  /// A figure of the measure.
  private func number(_ scaled: Int64?) -> ScaledNumber? {
    // Always with a decimal point: panels fix a key's type by the first alarm they see, of any rule.
    let digits = machine.measure.digits
    return scaled.map { ScaledNumber(scaled: digits > 0 ? $0 : $0 * 10, digits: max(1, digits)) }
  }

  /// The flat object of the topics `alert` and `alert_event`. Decimals are rounded down; fields that do not
  /// apply are left out.
  public func json() -> [UInt8] {
    guard let transition else { return Self.payload.json(self, capacity: 1024) }
    return Self.eventPayload.json((self, transition), capacity: 1024)
  }
}

// MARK: Payloads

extension AlarmRecord {
  /// Of the topic `alert`.
  package static let payload = PayloadTable(
    "The current state of one alert.", identity, condition, episode, occurrence, people, [message])

  /// Of the topic `alert_event`.
  package static let eventPayload = PayloadTable<(record: AlarmRecord, transition: AlarmTransition)>(
    "One transition of an alert. A repeat has the same occurrence_id and rev.",
    (identity + condition + episode + occurrence + people).of { $0.record },
    [
      .required("event", .word("What happened")) { $0.transition.kind },
      .required("from_state", .word("The state before")) { $0.transition.fromState },
      .required("page", .flag("Somebody should be called")) { $0.transition.page },
      .required("at_ms", .instant("When it happened")) { $0.transition.atMs },
      .optional("by", .text("Who decided")) { $0.transition.by },
      .optional("by_verified", .flag("The name was proved by a login or a token; false: it is what was sent"))
      {
        $0.transition.by == nil ? nil : $0.transition.isByVerified
      },
      .optional("comment", .text("Why")) { $0.transition.comment },
      message.of { $0.record },
    ])

  private static let identity: [PayloadField<AlarmRecord>] =
    .time { $0.nowMs } + [
      .required("site_id", .identifier("The site")) { $0.siteID },
      .required("alert_id", .text("site/class/source")) { $0.alertID },
      .optional("occurrence_id", .text("Names one occurrence")) {
        $0.transition != nil || $0.isOccurrenceShown || $0.state == .pending ? $0.occurrenceID : nil
      },
      .required("class", .identifier("The class, as in the topic")) { $0.machine.key.rule.alertClass },
      .required("source_id", .identifier("The camera, workstation, version or bridge")) {
        $0.machine.key.sourceID
      },
      .required("rule", .text("The rule that raised it")) { $0.machine.key.rule.rawValue },
    ]

  private static let condition: [PayloadField<AlarmRecord>] = [
    .required("state", .word("After ISA-18.2")) { $0.state },
    .required("active", .flag("The condition is an alert now")) { $0.state.isActive },
    .required("acked", .flag("Somebody acknowledged it")) { $0.shownOccurrence?.isAcked == true },
    .required("shelved", .flag("It is on the shelf")) { $0.state == .shelved },
    .required("stale", .flag("No sample came for a long time")) { $0.machine.isStale },
    .required("insufficient_data", .flag("Too few samples for a verdict")) {
      $0.machine.measure.value == nil
    },
    .required("severity", .count("OPC UA severity", most: 1000)) { $0.machine.severity },
    .required("priority", .text("low, medium, high or urgent")) { priority(severity: $0.machine.severity) },
    .required("metric", .text("What is compared with the limit")) { $0.machine.measure.metric },
    .optional("value", .number("The metric now")) { $0.number($0.machine.measure.value) },
    .optional("limit", .number("Beyond it the condition holds")) { $0.number($0.machine.measure.limit) },
    .optional("clear_limit", .number("Beyond it the condition is over")) {
      $0.number($0.machine.measure.clearLimit)
    },
    .optional("samples", .count("Samples in the value")) { $0.machine.measure.samples },
    .optional("model_version", .text("Of a camera's model")) {
      let key = $0.machine.key
      return !key.modelVersion.isEmpty || DriftDetector.rules.contains(key.rule) ? key.modelVersion : nil
    },
  ]

  private static let episode: [PayloadField<AlarmRecord>] = [
    .optional("since_ms", .instant("When the condition began")) { $0.sinceMs },
    .optional("raised_ms", .instant("When it became an alert")) { $0.raisedMs },
    .optional("cleared_ms", .instant("When it was over")) { $0.clearedMs },
  ]

  private static let occurrence: [PayloadField<AlarmRecord>] = [
    .optional("flap_count", .count("Re-raises within 24 h of a clear")) {
      $0.shownOccurrence.flatMap { $0.flapCount > 0 ? $0.flapCount : nil }
    },
    .optional("renotify_count", .count("Calls after the first one")) {
      $0.shownOccurrence.flatMap { $0.renotifyCount > 0 ? $0.renotifyCount : nil }
    },
    .optional("acked_by", .text("Who acknowledged it")) { $0.shownOccurrence?.ackedBy },
    .optional("acked_ms", .instant("When")) { $0.shownOccurrence?.ackedMs },
    .optional("attached_to", .text("The site alert that took it in")) { $0.shownOccurrence?.attachedTo },
    .optional("shelved_until_ms", .instant("Then it comes back by itself")) { $0.machine.shelf?.untilMs },
    .optional("shelved_by", .text("Who put it away")) { $0.machine.shelf?.by },
    .required("rev", .count("Counts its rows in the journal")) { $0.machine.revision },
  ]

  /// For people who never saw the plant's ids: what it is called, where it is, and what to do.
  private static let people: [PayloadField<AlarmRecord>] =
    (PlaceNames.fields + PlaceNames.alarmFields).ifPresent { $0.place } + [
      .optional("action_id", .word("What to do, while the condition holds: the same for a rule")) {
        $0.action
      },
      .optional("action", .text("The same as an English sentence")) { $0.action?.text },
    ]

  /// What to do about it; nil when there is nothing to do.
  private var action: AlarmAction? {
    machine.isRaised || machine.pendingSinceMs != nil ? AlarmAction(machine.key.rule) : nil
  }

  private static let message = PayloadField<AlarmRecord>.required(
    "message", .text("One sentence for a person")
  ) { AlarmMessage.text($0) }
}
