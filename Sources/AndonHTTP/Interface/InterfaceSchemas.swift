import AndonCore
import AndonIngest
import AndonOverview
import AndonPublish
import AndonStatus
import AndonStore

/// The schema of every payload by its name: from the tables that the payloads are written with, and here for what
/// the bridge only reads. Tests validate real payloads with it.
enum InterfaceSchemas {
  typealias Entry = (name: String, schema: JSONValue)

  /// By name, in the order of the documents.
  static let all: [Entry] = payloads + answers

  /// Schemas of MQTT payloads; HTTP uses some of them too.
  static let payloads: [Entry] = [
    ("event_in", eventIn),
    (
      "events_in",
      .members([
        (
          "oneOf",
          [
            Schema.reference("event_in"),
            Schema.array(Schema.reference("event_in"), limit: DecoderLimits().arrayItems, least: 1),
          ]
        )
      ])
    ),
    ("kpi", KPIRecord.payload.schema), ("alert", AlarmRecord.payload.schema),
    ("alert_event", AlarmRecord.eventPayload.schema), ("alert_summary", AlarmSummary.payload.schema),
    ("cmd", command), ("cmd_result", CommandResult.payload.schema), ("reject", RejectNotices.payload.schema),
    ("kpi_definitions", KPIDefinition.payload.schema), ("heartbeat", StatusDocument.heartbeatPayload.schema),
    ("calendar", CalendarState.payload.schema), ("site_names", SiteNames.payload.schema),
    ("stop", StopRecord.payload.schema), ("stop_notice", StopNotice.payload.schema),
    ("report_notice", ReportNotice.payload.schema),
  ]

  /// Schemas of HTTP answers only.
  private static let answers: [Entry] = [
    ("problem", Problem.payload.schema), ("site", APICodec.sitePayload.schema),
    ("event", APICodec.eventPayload.schema), ("event_sample", EventSample.payload.schema),
    ("model", APICodec.modelPayload.schema), ("quarantined", APICodec.quarantinePayload.schema),
    ("site_list", ListPayloads.sites.schema), ("shift", Window.shiftPayload.schema),
    ("shift_list", ListPayloads.shifts.schema),
    ("shift_report", ShiftReport.payload.schema), ("report_hour", ReportHour.payload.schema),
    ("report_hour_list", ListPayloads.reportHours.schema), ("compared", ComparedWindow.payload.schema),
    ("compared_list", ListPayloads.compared.schema), ("target", TargetSpan.payload.schema),
    ("target_list", ListPayloads.targets.schema),
    ("order", OrderSum.payload.schema), ("order_list", ListPayloads.orders.schema),
    ("stop_list", ListPayloads.stops.schema), ("stop_sum", StopParetoRow.payload.schema),
    ("stop_sum_list", ListPayloads.stopSums.schema), ("run", TimelineItem.payload.schema),
    ("run_list", ListPayloads.timeline.schema), ("kpi_list", ListPayloads.kpis.schema),
    ("alert_list", ListPayloads.alarms.schema), ("alert_event_list", ListPayloads.alarmHistory.schema),
    ("event_list", ListPayloads.events.schema),
    ("model_list", ListPayloads.models.schema), ("quarantine_list", ListPayloads.quarantine.schema),
    ("ingest_result", APIAnswers.ingestResult.schema), ("command_result", APIAnswers.commandResult.schema),
    ("status", StatusDocument.payload.schema), ("site_status", SiteStatus.briefPayload.schema),
    ("alert_report", AlarmReport.payload.schema), ("log_level", APIAnswers.logLevel.schema),
    ("quarantine_result", APIAnswers.quarantineResult.schema),
    ("erasure_result", APIAnswers.erasureResult.schema), ("me", Endpoint.mePayload.schema),
    ("access", AccessRow.payload.schema), ("access_list", ListPayloads.accesses.schema),
  ]

  /// Schemas of what `andon overview` answers.
  static let ofOverview: [Entry] =
    all.filter { ["problem", "me", "log_level"].contains($0.name) } + [
      ("fleet_status", FleetPayloads.status.schema), ("fleet_site", SiteTile.payload.schema),
      ("fleet_site_list", FleetPayloads.sites.schema), ("fleet_alert", AlertView.payload.schema),
      ("fleet_alert_list", FleetPayloads.alerts.schema),
      ("fleet_command_result", FleetPayloads.command.schema), ("fleet_history", SiteHistory.payload.schema),
      ("fleet_gone", Fleet.gonePayload.schema),
    ]

  private static let id: JSONValue = .members([
    (
      "oneOf",
      [
        Schema.identifier("An id"),
        .members([("type", "integer"), ("description", "Taken as its decimal string"), ("minimum", 0)]),
      ]
    )
  ])

  private static let eventIn = Schema.object(
    "What a camera saw. Fields that are not listed are ignored.", isOpen: true,
    [
      Schema.required(
        "timestamp",
        .members([
          (
            "oneOf",
            [
              .members([
                ("type", "string"), ("format", "date-time"), ("description", "RFC 3339 with an offset"),
              ]),
              Schema.instant("The camera's time"),
            ]
          )
        ])),
      Schema.required("event_type", Schema.words("What it saw", EventKind.allCases.map(\.name))),
      Schema.optional("worker_id", id), Schema.required("workstation_id", id),
      Schema.optional(
        "confidence", Schema.fraction("The model's; required unless event_type is product_count")),
      Schema.optional(
        "count", Schema.count("Units since the last count; only for product_count", most: 10_000)),
      Schema.optional(
        "model_version",
        .members([
          ("type", "string"), ("minLength", 1), ("maxLength", 64), ("description", "The vision model"),
        ])),
      Schema.optional(
        "event_id",
        .members([
          ("type", "string"), ("pattern", "^[A-Za-z0-9._:-]{1,64}$"), ("description", "The sender's own id"),
        ])),
      Schema.optional(
        "seq",
        Schema.count(
          "One more for each event of the camera: a missing number is a gap", most: SequenceNumber.largest)),
      Schema.optional(
        "boot_id",
        .members([
          ("type", "string"), ("pattern", "^[A-Za-z0-9._:-]{1,64}$"),
          ("description", "Names the count of seq: a camera that starts again from 0 sends a new one"),
        ])),
      Schema.optional("site_id", Schema.identifier("Must equal the topic's")),
      Schema.optional("camera_id", Schema.identifier("Must equal the topic's")),
    ])

  private static let command = Schema.object(
    "A command. Which fields it takes is the command's; a button may send the bare alert or camera id.",
    isOpen: true,
    [
      Schema.optional("req_id", Schema.text("Done once in ten minutes, whatever comes again", limit: 64)),
      Schema.optional("alert_id", Schema.text("alert/…: the alert")),
      Schema.optional("camera_id", Schema.identifier("camera/…, quarantine/…: the camera")),
      Schema.optional("stop_id", Schema.text("stop/reason: the stop, workstation:start_ms", limit: 96)),
      Schema.optional(
        "workstation_id", Schema.identifier("stop/reason: its open stop, otherwise its last one")),
      Schema.optional("by", Schema.text("Who decided", limit: 64)),
      Schema.optional("comment", Schema.text("Why", limit: 512)),
      Schema.optional(
        "reason",
        Schema.text(
          "alert/shelve, camera/out_of_service, calendar/close and stop/reason need one", limit: 512)),
      Schema.optional("duration_s", Schema.count("alert/shelve, bridge/log_level: for how long, seconds")),
      Schema.optional("until_ms", Schema.instant("camera/out_of_service: when it is back by itself")),
      Schema.optional(
        "from_ms", Schema.instant("kpi/recompute, quarantine/…, target/…: its beginning")),
      Schema.optional("to_ms", Schema.instant("kpi/recompute, quarantine/…: its end")),
      Schema.optional("level", Schema.text("bridge/log_level: the least that is logged")),
      Schema.optional(
        "id",
        .members([("description", "quarantine/…: one row, a number; target/…: the workstation or line")])),
      Schema.optional("scope", Schema.text("target/…: workstation, line or site")),
      Schema.optional(
        "units_per_hour",
        .members([("type", "number"), ("description", "target/set: units in an hour of planned time")])),
      Schema.optional("units", Schema.count("target/set: units for the running shift instead")),
      Schema.optional("order", Schema.text("target/set: the order that is made", limit: 64)),
      Schema.optional("product", Schema.text("target/set: the product that is made", limit: 64)),
      Schema.optional("code", Schema.text("quarantine/…: the reason for the rejection")),
      Schema.optional("after_id", Schema.count("quarantine/…: rows after that one")),
      Schema.optional("to_id", Schema.count("quarantine/…: rows up to that one")),
      Schema.optional("limit", Schema.count("quarantine/…: rows at most, 1…1000")),
      Schema.optional("from", Schema.text("calendar/close, clear: the first date, 2026-12-24", limit: 10)),
      Schema.optional(
        "to", Schema.text("calendar/close, clear: the last date; else only the first", limit: 10)),
      Schema.optional("date", Schema.text("calendar/open: the date", limit: 10)),
      Schema.optional(
        "shifts", Schema.array(Schema.identifier("A shift"), limit: 64, least: 1)),
      Schema.optional("line", Schema.identifier("calendar/…: a line instead of the whole site")),
      Schema.optional("worker_id", Schema.identifier("worker/erase: the worker")),
      Schema.optional("dry_run", Schema.flag("worker/erase: only count")),
      Schema.optional("all", Schema.flag("quarantine/purge: every row")),
    ])
}
