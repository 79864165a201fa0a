import Foundation

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonHTTP
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStore

/// Payloads of the shipped encoders: for each schema some that together have every field (`full`) and one that
/// has only what is always there (`bare`).
enum PayloadSamples {
  struct Sample: Sendable {
    var schema: String
    var full: [[UInt8]]
    /// Nil where there is no such payload.
    var bare: [UInt8]?
    /// Its fields are objects of one form, of which each has other fields.
    var isTable = false

    /// Paths of properties, in which one field stands for all where they have one form.
    func general(_ paths: Set<String>) -> Set<String> {
      guard isTable else { return paths }
      return Set(paths.map { $0.split(separator: ".").dropFirst(2).joined(separator: ".") })
    }
  }

  static let nowMs: Int64 = 1_768_472_100_250

  static func all() throws -> [Sample] {
    [
      kpi(), try alert(), try alertEvent(), alertSummary(), reject(), commandAnswer(), definitions(),
      calendar(), siteNames(),
    ]
      + reports() + StatusSamples.all() + (try answers()) + lists()
  }

  // MARK: MQTT

  static func kpiRecords() -> (full: KPIRecord, bare: KPIRecord) {
    let shift = Window(kind: .shift, startMs: nowMs - 1000, endMs: nowMs + 1000, shiftID: "early")
    var full = KPIRecord(
      siteID: "plant-a", scope: .worker, id: "W1", window: shift, nowMs: nowMs,
      values: KPIMetric.allCases.enumerated().map { KPIRecord.Value(metric: $1, scaled: Int64($0) * 77) },
      state: .working, workstationID: "S\"1", lastEventMs: nowMs - 5, quality: .good)
    let bare = KPIRecord(
      siteID: "plant-a", scope: .site, id: "plant-a", window: Window(fromMs: 0, toMs: nowMs), nowMs: nowMs,
      values: [], state: nil, workstationID: nil, lastEventMs: nil, quality: .noData)
    full.labels = TargetLabels(order: "4711", product: "hub \"80\"")
    return (full, bare)
  }

  private static func kpi() -> Sample {
    let (full, bare) = kpiRecords()
    var final = full
    final.source = .final
    var station = full
    station.workstationID = "S1"
    station = station.named(by: names)
    station.place?.name = "Press 1"
    return Sample(
      schema: "kpi",
      full: [
        full.json(revision: 42), full.withheld.json(revision: 42), final.json(revision: nil),
        station.json(revision: 42),
      ], bare: bare.json(revision: nil))
  }

  /// An alarm with everything that its states can have; `isBare`: with nothing but a rule.
  private static func machine(isBare: Bool = false) throws -> AlarmStateMachine {
    let occurrence = """
      "occurrence": {"id": "43abe74a8b84bcbd", "firstSinceMs": 1, "sinceMs": 2, "raisedMs": 3, "clearedMs": 4,
        "flapCount": 5, "isAcked": false, "ackedBy": "m.rossi", "ackedMs": 6, "renotifyCount": 7,
        "severity": 800, "attachedTo": "plant-a/site_model/v1"},
      "shelf": {"untilMs": 8, "by": "m.rossi", "reason": "lens"}, "isStale": true,
      "pendingSinceMs": 9,
      """
    let measure =
      isBare
      ? #"{"metric": "gap", "digits": 0}"#
      : #"{"metric": "confidence_mean", "value": 71, "limit": 75, "clearLimit": 78, "digits": 2, "samples": 100}"#
    let text = """
      {"key": {"rule": "\(isBare ? "data_gap" : "confidence_low")", "sourceID": "cam-01",
        "modelVersion": "\(isBare ? "" : "v1")"},
       \(isBare ? "\"isStale\": false," : occurrence) "revision": 9, "measure": \(measure), "isPendingNoted": false}
      """
    return try JSONDecoder().decode(AlarmStateMachine.self, from: Data(text.utf8))
  }

  private static func alert() throws -> Sample {
    Sample(
      schema: "alert",
      full: [AlarmRecord(siteID: "plant-a", machine: try machine(), nowMs: nowMs).named(by: names).json()],
      bare: AlarmRecord(siteID: "plant-a", machine: try machine(isBare: true), nowMs: nowMs).json())
  }

  private static func alertEvent() throws -> Sample {
    let full = try machine()
    let bare = try machine(isBare: true)
    func row(_ machine: AlarmStateMachine, past: Episode? = nil, by: String? = nil) -> [UInt8] {
      let record = AlarmRecord(
        siteID: "plant-a",
        transition: AlarmTransition(
          kind: .acknowledged, key: machine.key, fromState: .unackActive, machine: machine, past: past,
          page: true,
          atMs: 10, nowMs: nowMs, by: by, comment: by.map { "\($0)\n" }))
      return by == nil ? record.json() : record.named(by: names).json()
    }
    let past = Episode(
      key: full.key, sinceMs: 11, raisedMs: 12, endedMs: 13, occurrenceSinceMs: 11, flapCount: 0,
      valuePpm: nil)
    return Sample(
      schema: "alert_event", full: [row(full, by: "m.rossi"), row(full, past: past, by: "m.rossi")],
      bare: row(bare))
  }

  private static func alertSummary() -> Sample {
    let json = AlarmSummary(siteID: "plant-a", nowMs: nowMs, records: []).json()
    return Sample(schema: "alert_summary", full: [json], bare: json)
  }

  static let rejection = Rejection(code: .schema, field: "count", detail: "must be <= 10000", eventID: "e1")
  static let bareRejection = Rejection(code: .json, field: nil, detail: "no JSON")

  private static func reject() -> Sample {
    var notices = RejectNotices()
    return Sample(
      schema: "reject",
      full: [notices.notice(for: rejection, camera: "cam-01", nowMs: nowMs) ?? []],
      bare: notices.notice(for: bareRejection, camera: "cam-02", nowMs: nowMs) ?? [])
  }

  static var report: QuarantineReport {
    var report = QuarantineReport()
    (report.taken, report.kept, report.lastID, report.hasMore) = (1, 2, 3, true)
    report.outcomes = [.stored: 4, .rejected: 5]
    return report
  }

  private static func commandAnswer() -> Sample {
    var camera = CommandResult(report)
    camera.cameraID = "cam-01"
    camera.stopID = "S1:1"
    camera.detail = "why"
    let alarm = CommandResult.refused("bad_request", "why")
    var stop = CommandResult.ok
    stop.stopID = "S1:1"
    var erasure = CommandResult.ok
    erasure.erasure = ErasureReport()
    return Sample(
      schema: "cmd_result",
      full: [
        camera.json(cmd: "quarantine/replay", requestID: "r1", alertID: "plant-a/drift/cam-01", nowMs: nowMs),
        alarm.json(cmd: "alert/ack", requestID: "r1", alertID: "plant-a/drift/cam-01", nowMs: nowMs),
        stop.json(cmd: "stop/reason", requestID: "r1", alertID: nil, nowMs: nowMs),
        erasure.json(cmd: "worker/erase", requestID: "r1", alertID: nil, nowMs: nowMs),
      ], bare: CommandResult.ok.json(cmd: "alert/ack", requestID: nil, alertID: nil, nowMs: nowMs))
  }

  private static func definitions() -> Sample {
    Sample(schema: "kpi_definitions", full: [KPIDefinition.metaJSON()], bare: nil, isTable: true)
  }

  /// With characters that JSON must quote.
  static let names = {
    var names = named
    names.stopReasons = [StopReason(id: "material", name: "No \"material\"")]
    return names
  }()

  private static let named = SiteNames(
    siteID: "plant-a", site: "Plant \"A\"", timeZone: "Europe/Berlin",
    layout: SiteLayout(areas: [
      .init(
        id: "hall-1", name: "Hall 1",
        lines: [.init(id: "line-1", name: "Line 1", workstations: ["S1"], cameras: ["cam-01"])])
    ]), workstations: ["S1": "Press\\1", "S2": "S2"],
    cameras: [
      "cam-01": CameraDescription(
        name: "Press left", place: "Column 7", workstations: ["S1", "S2"], url: "https://cam-01/",
        snapshotURL: "https://cam-01/picture", contact: "4711")
    ], shifts: [ShiftName(id: "early", name: "Early"), ShiftName(id: "day", lineID: "line-1")],
    publicURL: "https://andon.plant.example")

  private static func siteNames() -> Sample {
    Sample(
      schema: "site_names",
      full: [names.json(nowMs: nowMs), names.json(nowMs: nowMs, mostBytes: 300)],
      bare: SiteNames(siteID: "plant-a").json(nowMs: nowMs))
  }

  private static let break1 = [nowMs - 5..<nowMs + 5]

  private static func calendar() -> Sample {
    let none = CalendarState(SiteCalendar(zone: .utc, shifts: []), atMs: nowMs)
    var running = none
    running.shift = Window(kind: .shift, startMs: 1, endMs: nowMs + 9, shiftID: "early", breaks: break1)
    running.isInBreak = true
    running.next = Window(kind: .shift, startMs: nowMs + 9, endMs: nowMs + 10, shiftID: "late")
    var closed = none
    closed.closure = ClosedPeriod(
      LocalDate(dayNumber: 20_468)...LocalDate(dayNumber: 20_468), reason: "stock\"taking")
    return Sample(schema: "calendar", full: [running.json, closed.json], bare: none.json)
  }

  // MARK: HTTP

  private static func target() -> Sample {
    let rate = TargetRate(microUnitsPerHour: 95_500_000)!
    let always = TargetSpan(startMs: .min, endMs: .max, rate: rate)
    let set = TargetSpan(
      startMs: 1, endMs: 9, rate: rate, labels: TargetLabels(order: "4711", product: "hub"))
    let subject = TargetSubject(.line, "l1")
    return Sample(schema: "target", full: [set.json(subject)], bare: always.json(subject))
  }

  private static func order() -> Sample {
    let subject = TargetSubject(.line, "l1")
    func sum(_ product: String?) -> [UInt8] {
      OrderSum("4711", subject, product: product, fromMs: 1, toMs: 9, units: 3, targetUnits: 5).json
    }
    return Sample(schema: "order", full: [sum("hub")], bare: sum(nil))
  }

  private static func stop() -> Sample {
    let open = Stop(
      workstationID: "S1", shiftID: "early", startMs: 1, endMs: 9, isOpen: true, durationMs: 8, kind: .noData,
      isMicro: false)
    var ended = open
    (ended.isOpen, ended.kind) = (false, .mixed)
    let line = SiteLayout(areas: [.init(id: "hall", lines: [.init(id: "line-1", workstations: ["S1"])])])
    let reasons = StopReasons([StopReason(id: "material", name: "No \"material\"", isPlanned: true)])
    func record(_ stop: Stop, _ layout: SiteLayout, _ reason: String?) -> [UInt8] {
      let given = reason.map {
        GivenReason(
          workstationID: "S1", startMs: 1, endMs: 9, reasonID: $0, comment: "said \"so\"", by: "m", atMs: 9)
      }
      return StopRecord(
        StopPart(stop, insideMs: 8, given: given), site: "p", layout, reasons,
        askAfterMs: layout.areas.isEmpty ? 8 : 7
      ).json(nowMs: nowMs)
    }
    return Sample(
      schema: "stop", full: [record(ended, line, "material"), record(open, line, nil)],
      bare: record(open, SiteLayout(), nil))
  }

  private static func run() -> Sample {
    let full = TimelineItem(workstationID: "S1", startMs: 1, endMs: nowMs, state: .working, workers: 2)
    let bare = TimelineItem(workstationID: nil, startMs: 1, endMs: 2, state: .noData)
    return Sample(schema: "run", full: [full.json], bare: bare.json)
  }

  private static func stopNotice() -> Sample {
    let stop = Stop(
      workstationID: "S1", shiftID: "early", startMs: 1, endMs: 9, isOpen: false, durationMs: 8, kind: .idle,
      isMicro: false)
    let line = SiteLayout(areas: [.init(id: "hall", lines: [.init(id: "line-1", workstations: ["S1"])])])
    let given = GivenReason(
      workstationID: "S1", startMs: 1, endMs: 9, reasonID: "x", comment: "c", by: "m", atMs: 9)
    func record(_ stop: Stop, _ layout: SiteLayout, _ given: GivenReason?) -> StopRecord {
      StopRecord(
        StopPart(stop, insideMs: 8, given: given), site: "p", layout,
        StopReasons([StopReason(id: "x", name: "X")]), askAfterMs: layout.areas.isEmpty ? 8 : 7)
    }
    var open = stop
    open.isOpen = true
    return Sample(
      schema: "stop_notice",
      full: [
        StopNotice(record(stop, line, given), revision: 2, isRetracted: true, nowMs: nowMs).json,
        StopNotice(record(stop, line, nil), revision: 3, nowMs: nowMs).json,
      ], bare: StopNotice(record(open, SiteLayout(), nil), revision: 1, nowMs: nowMs).json)
  }

  private static func stopSum() -> Sample {
    let row = StopParetoRow(id: "S1", stops: 2, stopMs: 1500, share: 10_000, cumulative: 10_000)
    return Sample(schema: "stop_sum", full: [row.json], bare: StopParetoRow().json)
  }

  private static func shift() -> Sample {
    let shift = Window(kind: .shift, startMs: 1, endMs: nowMs + 9, shiftID: "early", breaks: break1)
    let plain = Window(kind: .shift, startMs: 1, endMs: nowMs + 9, shiftID: "early")
    return Sample(schema: "shift", full: [shift.shiftJSON(line: "line-1")], bare: plain.shiftJSON())
  }

  private static func bytes(_ reply: APIReply) -> [UInt8] {
    guard case .bytes(let bytes) = reply.body else { return [] }
    return bytes
  }

  private static let event = Event(
    timestampMs: nowMs, workerID: "W1", workstationID: "S3", kind: .productCount, confidencePpm: 930_000,
    count: 4, eventID: "e1", modelVersion: "v2")
  private static let bareEvent = Event(
    timestampMs: nowMs, workerID: "", workstationID: "S3", kind: .idle, confidencePpm: nil)

  /// A measured day: a page that is acknowledged and judged.
  private static func alarmReport() -> Sample {
    func report(_ rows: [(event: String, page: Bool)], toMs: Int64) -> [UInt8] {
      var report = AlarmReport(fromMs: 0, toMs: toMs) { _ in "1970-01-01" }
      for (index, row) in rows.enumerated() {
        report.add(
          AlarmReportRow(
            alertID: "plant-a/drift/cam-01", modelVersion: "", occurrenceID: "43abe74a8b84bcbd",
            event: row.event,
            page: row.page, notedMs: Int64(index) * 1000, count: 1, state: "unack_active", isRaised: true))
      }
      report.end(nowMs: toMs)
      return report.json()
    }
    let rows = [
      ("raised", true), ("reopened", false), ("reopened", false), ("acknowledged", false),
      ("false_alarm", false),
    ]
    return Sample(schema: "alert_report", full: [report(rows, toMs: nowMs)], bare: report([], toMs: 0))
  }

  private static func answers() throws -> [Sample] {
    func stored(_ event: Event, _ isAccepted: Bool) -> [UInt8] {
      APICodec.event(
        StoredEvent(event: event, cameraID: "cam-01", isAccepted: isAccepted, receivedAtMs: 9),
        site: "plant-a")
    }
    func sample(_ event: Event?, _ outcome: ItemOutcome) -> [UInt8] {
      EventSample(cameraID: "cam-01", event: event, outcome: outcome).json(site: "plant-a", receivedAtMs: 9)
    }
    func row(_ text: String, _ form: QuarantineForm = .received) -> [UInt8] {
      APICodec.quarantine(
        QuarantineRow(
          id: 7, receivedAtMs: nowMs, cameraID: "cam-01", topic: "t", code: "json", field: text,
          detail: "why", eventID: text, payload: [0x7B, 0xFF, 0x22], payloadBytes: 3, form: form),
        site: "plant-a")
    }
    return [
      alarmReport(),
      Sample(
        schema: "problem",
        full: [bytes(Problem(status: 400, code: "c", detail: "d", field: "f").reply)],
        bare: bytes(Problem(status: 599, code: "c", detail: "d").reply)),
      Sample(schema: "event", full: [stored(event, true)], bare: stored(bareEvent, false)),
      Sample(
        schema: "event_sample",
        full: [
          sample(event, ItemOutcome(.stored)), sample(event, ItemOutcome(.rejected, rejection: rejection)),
        ], bare: sample(nil, ItemOutcome(.duplicate))),
      Sample(schema: "quarantined", full: [row("f", .digest), row("f", .workerReplaced)], bare: row("")),
      try model(), try site(),
    ]
  }

  /// Answers to requests, and lists; of a list only the frame, its items are samples of their own.
  private static let byRossi = APIRequest(values: ["by": "m.rossi"], nowMs: nowMs)

  private static func access(isBare: Bool) -> [UInt8] {
    var row = AccessRow(
      atMs: nowMs, user: "anna", proof: "session", address: "10.0.0.7", operation: "listEvents", subjects: 1)
    if !isBare { (row.workerID, row.fromMs, row.toMs, row.reason) = ("W1", nowMs - 1, nowMs, "complaint 17") }
    return row.json(site: "p")
  }

  static func list(_ name: String, _ reply: (_ next: String?) -> APIReply) -> Sample {
    Sample(schema: name, full: [bytes(reply("next"))], bare: bytes(reply(nil)))
  }

  private static func lists() -> [Sample] {
    let outcomes = [
      ItemOutcome(.stored), ItemOutcome(.duplicate, isConflict: true),
      ItemOutcome(.rejected, rejection: rejection),
    ]
    return [
      Sample(
        schema: "ingest_result",
        full: [
          APIAnswers.ingestResult.json(("p", nowMs, outcomes, [.stored: 1, .duplicate: 1, .rejected: 1]))
        ],
        bare: APIAnswers.ingestResult.json(("p", nowMs, [ItemOutcome(.stored)], [.stored: 1]))),
      Sample(
        schema: "command_result",
        full: [
          APIAnswers.commandResult.json(("alert/ack", "p/drift/cam-01", "cam-01", "ok", byRossi, nowMs))
        ],
        bare: APIAnswers.commandResult.json(("alert/ack", nil, nil, "ok", byRossi, nowMs))),
      Sample(
        schema: "me",
        full: [
          Endpoint.mePayload.json(
            Caller(UserRecord(name: "anna", role: .lead, sites: ["plant-a"]), proof: .session))
        ], bare: Endpoint.mePayload.json(.anonymous(readingIsOpen: true))),
      Sample(schema: "access", full: [access(isBare: false)], bare: access(isBare: true)),
      list("access_list") { .list(ListPayloads.accesses, "p", [], nextCursor: $0) },
      Sample(
        schema: "erasure_result",
        full: [APIAnswers.erasureResult.json(("p", nowMs, ErasureReport()))],
        bare: APIAnswers.erasureResult.json(("p", nowMs, ErasureReport()))),
      Sample(
        schema: "quarantine_result", full: [APIAnswers.quarantineResult.json(("p", nowMs, report))],
        bare: APIAnswers.quarantineResult.json(("p", nowMs, QuarantineReport()))),
      Sample(
        schema: "log_level", full: [APIAnswers.logLevel.json(("debug", "info", 600))],
        bare: APIAnswers.logLevel.json(("info", "info", 0))),
      shift(), list("shift_list") { .list(ListPayloads.shifts, ("p", nowMs), [], nextCursor: $0) },
      target(), list("target_list") { .list(ListPayloads.targets, ("p", nowMs), [], nextCursor: $0) },
      order(), list("order_list") { .list(ListPayloads.orders, ("p", nowMs), [], nextCursor: $0) },
      stop(), stopNotice(), list("stop_list") { .list(ListPayloads.stops, ("p", nowMs), [], nextCursor: $0) },
      stopSum(),
      list("stop_sum_list") {
        .list(ListPayloads.stopSums, ("p", nowMs, .workstation), [], nextCursor: $0)
      }, run(),
      list("run_list") {
        .list(
          ListPayloads.timeline, ("p", nowMs, "line", $0.map { _ in "l1" }, 1, nowMs), [], nextCursor: $0)
      },
      list("site_list") { .list(ListPayloads.sites, nowMs, [], nextCursor: $0) },
      list("kpi_list") {
        .list(ListPayloads.kpis, ("p", nowMs), [kpi().full[0], kpi().full[0]], nextCursor: $0)
      },
      list("alert_event_list") { .list(ListPayloads.alarmHistory, "p", [], nextCursor: $0) },
      list("alert_list") { .list(ListPayloads.alarms, "p", [], nextCursor: $0) },
      list("event_list") { .list(ListPayloads.events, (), [], nextCursor: $0) },
      list("model_list") { .list(ListPayloads.models, ("p", 1, 2), [], nextCursor: $0) },
      list("quarantine_list") {
        .list(
          ListPayloads.quarantine, ("p", [(name: "json", value: 1), (name: "schema", value: 2)]), [],
          nextCursor: $0)
      },
    ]
  }

  private static func model() throws -> Sample {
    let settings = try SettingsSample.load(SettingsSample.site).sites[0]
    let key = DriftKey(cameraID: "cam-01", modelVersion: "v2")
    var full = ModelReport(key: key)
    (full.samples, full.sumPpm, full.minPpm, full.maxPpm) = (3, 2_500_001, 700_000, 950_000)
    (full.belowGate, full.firstEventMs, full.lastEventMs, full.histogram[3]) = (1, 5, 6, 3)
    full.trend = [(startMs: 5, samples: 3, sumPpm: 2_500_001), (startMs: 9, samples: 0, sumPpm: 0)]
    var rule = ConfidenceLowRule(settings: DriftSettings(window: 1))
    rule.apply(DriftSample(timestampMs: 5, eventID: "", workerID: "W1", confidencePpm: 700_000))
    return Sample(
      schema: "model", full: [APICodec.model(full, rule: rule, site: settings, stepMs: 60_000)],
      bare: APICodec.model(ModelReport(key: key), rule: nil, site: settings, stepMs: 60_000))
  }

  private static let day = LocalDate(dayNumber: TestSite.nowMs / 86_400_000)

  private static func site() throws -> Sample {
    let yaml = """
      sites: [{id: p, name: Plant, timezone: UTC, workers: {W2: {name: Bo}, W1: {name: "A\\"nna"}},
        workstations: {S1: {name: Saw}},
        areas: [{id: hall, name: Hall, lines: [{id: l1, name: Line, workstations: [S1], cameras: [cam-01],
          shifts: [{id: all, name: All day, start: "00:00", end: "00:00", days: [thu]}]}, {id: l2}]}],
        shifts: [{id: early, name: Early, start: "06:00", end: "14:05"}], calendar: {closed: ["2026-01-15"]},
        stops: {reasons: [{id: material, name: No material}]}}]
      """
    let full = try SettingsSample.load(yaml).sites[0]
    let bare = try SettingsSample.load(SettingsSample.site).sites[0]
    let line = SiteCalendars(full).changed(
      by: [CalendarChange(.open(shifts: ["all"]), on: Self.day...Self.day, line: "l1")])
    return Sample(
      schema: "site",
      full: [
        APICodec.site(
          full, root: "andon/v1", status: StatusSamples.site, calendars: line, nowMs: TestSite.nowMs),
        // The day before, the site works.
        APICodec.site(
          full, root: "andon/v1", status: StatusSamples.site, calendars: line,
          nowMs: TestSite.nowMs - 86_400_000),
      ],
      bare: APICodec.site(
        bare, root: "andon/v1", status: nil, calendars: SiteCalendars(bare), nowMs: TestSite.nowMs))
  }
}
