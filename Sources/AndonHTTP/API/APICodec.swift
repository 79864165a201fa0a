import AndonConfiguration
import AndonCore
import AndonStatus
import AndonStore

/// JSON of stored rows for the API. Names and types are those of the MQTT payloads.
enum APICodec {
  static func event(_ stored: StoredEvent, site: String) -> [UInt8] {
    eventPayload.json((stored, site), capacity: 320)
  }

  static let eventPayload = PayloadTable<(stored: StoredEvent, site: String)>(
    "A stored event.",
    [
      .required("timestamp_ms", .instant("The camera's time")) { $0.stored.event.timestampMs },
      .required("ts", .timestampText) { $0.stored.event.timestampMs },
      .required("site_id", .identifier("The site")) { $0.site },
      .required("camera_id", .text("The camera; empty when the topic named none")) { $0.stored.cameraID },
    ], Event.payloadFields.of { $0.stored.event },
    [
      .required("outcome", .words("low_confidence: kept out of KPIs", ["stored", "low_confidence"])) {
        $0.stored.isAccepted ? "stored" : "low_confidence"
      },
      .required("received_at_ms", .instant("When the bridge committed it")) { $0.stored.receivedAtMs },
    ])

  static func quarantine(_ row: QuarantineRow, site: String) -> [UInt8] {
    quarantinePayload.json((row, site))
  }

  static let quarantinePayload = PayloadTable<(row: QuarantineRow, site: String)>(
    "A rejected event.",
    [
      .required("id", .count("Its row")) { $0.row.id },
      .required("received_at_ms", .instant("When it came")) { $0.row.receivedAtMs },
      .required("ts", .timestampText) { $0.row.receivedAtMs },
      .required("site_id", .identifier("The site")) { $0.site },
      .required("camera_id", .text("The camera; empty when the topic named none")) { $0.row.cameraID },
      .required("topic", .text("Where it came from")) { $0.row.topic },
      .required("code", .words("Why", RejectionCode.allCases.map(\.rawValue))) { $0.row.code },
      .optional("field", .text("The offending field")) { $0.row.field.isEmpty ? nil : $0.row.field },
      .required("detail", .text("What was expected")) { $0.row.detail },
      .optional("event_id", .text("The sender's own id")) { $0.row.eventID.isEmpty ? nil : $0.row.eventID },
      // The payload may not be text.
      .required("payload", .text("The beginning of what came in; what is no UTF-8 shows as U+FFFD")) {
        String(decoding: $0.row.payload, as: UTF8.self)
      },
      .required("payload_bytes", .count("Its full length")) { $0.row.payloadBytes },
      .optional(
        "payload_form",
        .words(
          "What privacy left of it, where that is less than came in",
          [QuarantineForm.workerReplaced.name, QuarantineForm.digest.name])
      ) { $0.row.form == .received ? nil : $0.row.form.name },
    ])

  static func model(
    _ report: ModelReport, rule: ConfidenceLowRule?, site: SiteSettings, stepMs: Int64
  ) -> [UInt8] {
    modelPayload.json((report, rule, site, stepMs), capacity: 1024)
  }

  static let modelPayload = PayloadTable<
    (report: ModelReport, rule: ConfidenceLowRule?, site: SiteSettings, stepMs: Int64)
  >(
    "The confidences of one model version on one camera.",
    [
      .required("site_id", .identifier("The site")) { $0.site.id },
      .required("camera_id", .identifier("The camera")) { $0.report.key.cameraID },
      .required("model_version", .text("Empty when the camera does not say")) { $0.report.key.modelVersion },
      .required("samples", .count("Events with a confidence in the range")) { $0.report.samples },
      .optional("mean", .fraction("Of the range")) { $0.report.meanPpm },
    ], modelRange.ifPresent { $0.report.samples > 0 ? $0.report : nil },
    [
      .optional("rolling_mean", .fraction("Of the last samples, which the drift rule judges")) {
        $0.rule?.meanPpm
      },
      .required("rolling_samples", .count("Samples in the rolling mean")) { $0.rule?.sampleCount ?? 0 },
      .required(
        "state", .words("Of the drift rule", ["insufficient_data", "normal", "pending", "active"])
      ) { $0.rule.map(state) ?? "insufficient_data" },
      .required("limit", .fraction("A rolling mean below it is low")) {
        DriftLimits($0.site).settings(for: $0.report.key).low.limitPpm
      },
      .required("clear_limit", .fraction("At or above it is well again")) {
        DriftLimits($0.site).settings(for: $0.report.key).low.clearLimitPpm
      },
      .required("min_confidence", .fraction("The gate of the KPIs")) { $0.site.ingest.minConfidencePpm },
      .required(
        "histogram",
        .array(
          of: .count("Samples in a step of 0.05"), least: ModelReport.binCount, most: ModelReport.binCount)
      ) { $0.report.histogram },
      .required("step_ms", .count("The trend's step, milliseconds")) { $0.stepMs },
      .required("trend", .array(of: .object(trendStep))) { $0.report.trend },
    ])

  /// What there is only with a sample in the range.
  private static let modelRange: [PayloadField<ModelReport>] = [
    .required("min", .fraction("The least")) { $0.minPpm },
    .required("max", .fraction("The most")) { $0.maxPpm },
    .required("below_gate", .count("Samples kept out of KPIs")) { $0.belowGate },
    .required("first_event_ms", .instant("The first sample")) { $0.firstEventMs },
    .required("last_event_ms", .instant("The last sample")) { $0.lastEventMs },
  ]

  private static let trendStep = PayloadTable<(startMs: Int64, samples: Int64, sumPpm: Int64)>(
    "A step of time.",
    [
      .required("start_ms", .instant("When it began")) { $0.startMs },
      .required("samples", .count("Samples in it")) { $0.samples },
      .required("mean", .fraction("Their mean")) { $0.sumPpm / max(1, $0.samples) },
    ])

  private static func state(_ rule: ConfidenceLowRule) -> String {
    switch rule.state {
    case .insufficientData: "insufficient_data"
    case .normal: "normal"
    case .pending: "pending"
    case .active: "active"
    }
  }

  static func site(
    _ site: SiteSettings, root: String, status: SiteStatus?, calendars: SiteCalendars, nowMs: Int64
  ) -> [UInt8] {
    let windows = WindowKind.allCases.compactMap { kind in
      calendars.site.window(kind, containing: nowMs).map { (kind, $0) }
    }
    return sitePayload.json(
      (
        site, root, status?.isConnected ?? false, windows, CalendarState(calendars.site, atMs: nowMs),
        calendars, nowMs
      ), capacity: 1024)
  }

  static let sitePayload = PayloadTable<
    (
      settings: SiteSettings, root: String, isConnected: Bool, windows: [(WindowKind, Window)],
      state: CalendarState, calendars: SiteCalendars, nowMs: Int64
    )
  >(
    "A site as configured.",
    [
      .required("site_id", .identifier("The site")) { $0.settings.id },
      .required("name", .text("For people")) { $0.settings.name ?? $0.settings.id },
      .required("timezone", .text("IANA")) { $0.settings.timeZone },
      .required("topic_root", .text("The first levels of its topics: topics.root")) { $0.root },
      .required("connected", .flag("It has its broker session")) { $0.isConnected },
      .required("windows", .array(of: .word("Published windows"))) { site in
        WindowKind.allCases.filter { site.settings.kpi.windows.contains($0.rawValue) }
      },
      .required("current", .map("The windows that contain the present", of: .object(window))) {
        $0.windows.map { (name: $0.rawValue, value: $1) }
      },
      .required("stop_reasons", .array(of: .object(StopReason.payload))) { $0.settings.stops.reasons },
      .optional("next_shift", .object(window)) { $0.state.next },
      .optional("closed_reason", .text("Why no shift begins today, if the date is closed; may be empty")) {
        $0.state.closure?.reason
      },
      .required("shifts", .array(of: .object(shift))) { $0.settings.shifts },
      .required("areas", .array(of: .object(area))) { site in
        site.settings.layout.areas.map { ($0, site.settings, site.calendars, site.nowMs) }
      },
      .required("workers", .map("Names by id", of: .text("A name"))) { sorted($0.settings.workers) },
      .required("workstations", .map("Names by id", of: .text("A name"))) {
        sorted($0.settings.workstations)
      },
      .required("privacy", .object(privacy)) { $0.settings.privacy },
      .required("state_timeout_s", .decimal("How long a state holds", digits: 3)) {
        $0.settings.ingest.stateTimeoutMs
      },
      .required("publish_interval_s", .decimal("How often a KPI changes at most", digits: 3)) {
        $0.settings.kpi.publishIntervalMs
      },
      .required("min_confidence", .fraction("The gate of the KPIs")) { $0.settings.ingest.minConfidencePpm },
      .required("drift_limit", .fraction("A rolling mean below it is low")) { $0.settings.drift.limitPpm },
    ])

  private static let privacy = PayloadTable<PrivacySettings>(
    "What the site knows and shows of workers.",
    [
      .required("workers", .words("How", PrivacySettings.Workers.allCases.map(\.rawValue))) {
        $0.workers.rawValue
      },
      .required("ranking", .flag("Workers may be put in the order of their figures")) { $0.hasRanking },
      .required("min_group", .count("Figures of fewer workers are withheld", most: 1000)) { $0.minGroup },
    ])

  private static let area = PayloadTable<
    (area: SiteLayout.Area, site: SiteSettings, calendars: SiteCalendars, nowMs: Int64)
  >(
    "An area and its lines.",
    [
      .required("area_id", .identifier("The area")) { $0.area.id },
      .required("name", .text("For people")) { $0.area.name ?? $0.area.id },
      .required("lines", .array(of: .object(line))) { area in
        area.area.lines.map { ($0, area.site, area.calendars.calendar(ofLine: $0.id), area.nowMs) }
      },
    ])

  private static let line = PayloadTable<
    (line: SiteLayout.Line, site: SiteSettings, calendar: SiteCalendar?, nowMs: Int64)
  >(
    "A line.",
    [
      .required("line_id", .identifier("The line")) { $0.line.id },
      .required("name", .text("For people")) { $0.line.name ?? $0.line.id },
      .required("workstations", .array(of: .identifier("A workstation of the line"))) {
        $0.line.workstations
      },
      .required("cameras", .array(of: .identifier("A camera of the line"))) { $0.line.cameras },
      .required("shifts", .array(of: .object(shift))) { $0.site.lineShifts[$0.line.id] ?? $0.site.shifts },
      .optional("current_shift", .object(window)) { $0.calendar?.window(.shift, containing: $0.nowMs) },
    ])

  private static let window = PayloadTable<Window>(
    "A window.",
    [
      .required("start_ms", .instant("The first instant")) { $0.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.endMs },
      .optional("shift_id", .identifier("The shift")) { $0.shiftID },
    ])

  private static let shift = PayloadTable<ShiftSettings>(
    "A shift.",
    [
      .required("id", .identifier("The shift")) { $0.id },
      .optional("name", .text("For people, if configured")) { $0.name },
      .required("start", .text("hh:mm")) { clock($0.startMinute) },
      .required("end", .text("hh:mm")) { clock($0.endMinute) },
      .required("days", .array(of: .word("A day on which it begins"))) { shift in
        Weekday.allCases.filter(shift.days.contains)
      },
    ])

  private static func sorted(_ names: [String: String]) -> [(name: String, value: String)] {
    names.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  private static func clock(_ minute: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(minute / 60)):\(two(minute % 60))"
  }
}
