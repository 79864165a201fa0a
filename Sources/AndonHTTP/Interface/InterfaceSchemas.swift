import AndonCore
import AndonStore

/// The schema of every payload, made from the tables of the code. Tests validate real payloads with it.
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
    ("kpi", kpi), ("alert", alert), ("alert_event", alertEvent),
    ("alert_summary", alertSummary), ("cmd", command), ("cmd_result", commandAnswer), ("reject", reject),
    ("kpi_definitions", kpiDefinitions), ("heartbeat", heartbeat),
  ]

  private static let now: [Schema.Property] = [
    Schema.required("timestamp_ms", Schema.instant("When this was true")),
    Schema.required("ts", Schema.timestampText),
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
      Schema.optional("site_id", Schema.identifier("Must equal the topic's")),
      Schema.optional("camera_id", Schema.identifier("Must equal the topic's")),
    ])

  private static let metrics: [Schema.Property] = KPIDefinition.all.map { definition in
    let help = "\(definition.formula) [\(definition.ucum)]"
    let most: Int64? = definition.ucum == "%" ? 100 : nil
    let schema = definition.metric.digits == 0 ? Schema.count(help) : Schema.number(help, most: most)
    return Schema.optional(definition.metric.rawValue, schema)
  }

  private static let kpi = Schema.object(
    "The figures of one worker, workstation or site in one window. A figure that cannot be computed is left out.",
    now + [
      Schema.required("site_id", Schema.identifier("The site")),
      Schema.required("scope", Schema.words("What about", KPIScope.allCases.map(\.rawValue))),
      Schema.required("id", Schema.identifier("The worker, workstation or site")),
      Schema.required(
        "window", Schema.words("Which window", WindowKind.allCases.map(\.rawValue) + ["custom"])),
      Schema.optional("shift_id", Schema.identifier("The shift, when the window is one")),
      Schema.required("window_start_ms", Schema.instant("The first instant")),
      Schema.required("window_end_ms", Schema.instant("The first instant no longer in it")),
      Schema.required("final", Schema.flag("The window is over")),
      Schema.optional("rev", Schema.count("Counts what was published of the window; MQTT only")),
    ] + metrics + [
      Schema.optional(
        "state", Schema.words("A worker's state now", ["working", "idle", "absent", "unknown"])),
      Schema.optional("workstation_id", Schema.identifier("Where a worker is")),
      Schema.optional("last_event_ms", Schema.instant("The newest event")),
      Schema.required(
        "quality",
        .members([
          ("type", "integer"), ("enum", [0, 64, 192, 500]),
          (
            "description",
            "192 good, 64 uncertain (coverage below kpi.min_coverage), 500 stale, 0 no data"
          ),
        ])),
    ])

  private static let alert = Schema.object("The current state of one alert.", alertFields)

  private static let alertEvent = Schema.object(
    "One transition of an alert. A repeat has the same occurrence_id and rev.",
    alertFields + [
      Schema.required("event", Schema.words("What happened", AlarmTransition.Kind.allCases.map(\.rawValue))),
      Schema.required(
        "from_state", Schema.words("The state before", AlarmState.allCases.map(\.rawValue))),
      Schema.required("page", Schema.flag("Somebody should be called")),
      Schema.required("at_ms", Schema.instant("When it happened")),
      Schema.optional("by", Schema.text("Who decided")),
      Schema.optional("comment", Schema.text("Why")),
    ])

  private static let command = Schema.object(
    "A command. Which fields it takes is the command's; a button may send the bare alert or camera id.",
    isOpen: true,
    [
      Schema.optional("req_id", Schema.text("Done once in ten minutes, whatever comes again", limit: 64)),
      Schema.optional("alert_id", Schema.text("alert/…: the alert")),
      Schema.optional("camera_id", Schema.identifier("camera/…, quarantine/…: the camera")),
      Schema.optional("by", Schema.text("Who decided", limit: 64)),
      Schema.optional("comment", Schema.text("Why", limit: 512)),
      Schema.optional("reason", Schema.text("alert/shelve and camera/out_of_service need one", limit: 512)),
      Schema.optional("duration_s", Schema.count("alert/shelve, bridge/log_level: for how long, seconds")),
      Schema.optional("until_ms", Schema.instant("camera/out_of_service: when it is back by itself")),
      Schema.optional("from_ms", Schema.instant("kpi/recompute, quarantine/…: its beginning")),
      Schema.optional("to_ms", Schema.instant("kpi/recompute, quarantine/…: its end")),
      Schema.optional("level", Schema.text("bridge/log_level: the least that is logged")),
      Schema.optional("id", Schema.count("quarantine/…: one row")),
      Schema.optional("code", Schema.text("quarantine/…: the reason for the rejection")),
      Schema.optional("after_id", Schema.count("quarantine/…: rows after that one")),
      Schema.optional("to_id", Schema.count("quarantine/…: rows up to that one")),
      Schema.optional("limit", Schema.count("quarantine/…: rows at most, 1…1000")),
      Schema.optional("all", Schema.flag("quarantine/purge: every row")),
    ])

  private static let commandAnswer = Schema.object(
    "The answer to a command.",
    [
      Schema.optional("req_id", Schema.text("That of the request")),
      Schema.required("cmd", Schema.text("group/name")),
      Schema.required("ok", Schema.flag("It was done, or was so already")),
      Schema.required("code", Schema.text("ok, or what else")),
      Schema.optional("detail", Schema.text("In words")),
      Schema.optional("alert_id", Schema.text("The alert")),
      Schema.optional("camera_id", Schema.text("The camera")),
      Schema.optional("taken", Schema.count("Of the quarantine: rows that left it")),
      Schema.optional("kept", Schema.count("Rows that cannot be replayed and stay")),
      Schema.optional("received", Schema.count("Events that went through the pipeline again")),
    ]
      + ItemOutcome.Kind.allCases.map {
        Schema.optional($0.rawValue, Schema.count("Those with this outcome"))
      } + [
        Schema.optional("last_id", Schema.count("The last row looked at; 0 for none")),
        Schema.optional("has_more", Schema.flag("More rows match: ask again with after_id")),
        Schema.required("timestamp_ms", Schema.instant("When")),
      ])

  private static let alertFields: [Schema.Property] =
    now + [
      Schema.required("site_id", Schema.identifier("The site")),
      Schema.required("alert_id", Schema.text("site/class/source")),
      Schema.optional("occurrence_id", Schema.text("Names one occurrence")),
      Schema.required("class", Schema.identifier("The class, as in the topic")),
      Schema.required("source_id", Schema.identifier("The camera, workstation, version or bridge")),
      Schema.required("rule", Schema.text("The rule that raised it")),
      Schema.required("state", Schema.words("After ISA-18.2", AlarmState.allCases.map(\.rawValue))),
      Schema.required("active", Schema.flag("The condition is an alert now")),
      Schema.required("acked", Schema.flag("Somebody acknowledged it")),
      Schema.required("shelved", Schema.flag("It is on the shelf")),
      Schema.required("stale", Schema.flag("No sample came for a long time")),
      Schema.required("insufficient_data", Schema.flag("Too few samples for a verdict")),
      Schema.required("severity", Schema.count("OPC UA severity", most: 1000)),
      Schema.required("priority", Schema.text("low, medium, high or urgent")),
      Schema.required("metric", Schema.text("What is compared with the limit")),
      Schema.optional("value", Schema.number("The metric now")),
      Schema.optional("limit", Schema.number("Beyond it the condition holds")),
      Schema.optional("clear_limit", Schema.number("Beyond it the condition is over")),
      Schema.optional("samples", Schema.count("Samples in the value")),
      Schema.optional("model_version", Schema.text("Of a camera's model")),
      Schema.optional("since_ms", Schema.instant("When the condition began")),
      Schema.optional("raised_ms", Schema.instant("When it became an alert")),
      Schema.optional("cleared_ms", Schema.instant("When it was over")),
      Schema.optional("flap_count", Schema.count("Re-raises within 24 h of a clear")),
      Schema.optional("renotify_count", Schema.count("Calls after the first one")),
      Schema.optional("acked_by", Schema.text("Who acknowledged it")),
      Schema.optional("acked_ms", Schema.instant("When")),
      Schema.optional("attached_to", Schema.text("The site alert that took it in")),
      Schema.optional("shelved_until_ms", Schema.instant("Then it comes back by itself")),
      Schema.optional("shelved_by", Schema.text("Who put it away")),
      Schema.required("rev", Schema.count("Counts its rows in the journal")),
      Schema.required("message", Schema.text("One sentence for a person")),
    ]

  private static let alertSummary = Schema.object(
    "How many alerts of a site are in which state.",
    now + [Schema.required("site_id", Schema.identifier("The site"))]
      + ["active", "unacked", "pending", "shelved"].map { Schema.required($0, Schema.count("Alerts \($0)")) }
      + [
        Schema.required("highest_severity", Schema.count("0 when none is active", most: 1000)),
        Schema.required("highest_priority", Schema.text("none when none is active")),
      ])

  static let rejectionCode = Schema.words("Why", RejectionCode.allCases.map(\.rawValue))

  private static let reject = Schema.object(
    "Why an event was not accepted; at most one a second and camera.",
    now + [
      Schema.required("code", rejectionCode),
      Schema.optional("field", Schema.text("The offending field")),
      Schema.required("detail", Schema.text("What was expected")),
      Schema.optional("event_id", Schema.text("The sender's own id")),
      Schema.required("suppressed", Schema.count("Notices left out since the last one")),
    ])

  private static let kpiDefinitions = Schema.object(
    "What each figure means: unit, range, formula and name.",
    KPIDefinition.all.map { definition in
      Schema.required(
        definition.metric.rawValue,
        Schema.object(
          definition.formula,
          [
            Schema.required("unit", Schema.text("UCUM")),
            Schema.required("unit_code", Schema.text("UN/CEFACT")),
            Schema.required("digits", Schema.count("Places behind the point")),
            Schema.required("min", Schema.integer("The least")),
            Schema.optional("max", Schema.integer("The most")),
            Schema.required("formula", Schema.text("How it is computed")),
            Schema.optional("iso22400", Schema.text("Its name in ISO 22400-2")),
          ]))
    })

  static let counters: [Schema.Property] = OutcomeCounters.names.map {
    Schema.required($0.name, Schema.count("Events since the site's file was made"))
  }

  private static let heartbeat = Schema.object(
    "The bridge's own status, every 30 s.",
    now + [
      Schema.required("bridge_id", Schema.identifier("The bridge")),
      Schema.required("version", Schema.text("Its version")),
      Schema.required("uptime_s", Schema.count("Seconds since its start")),
      Schema.required("sites", Schema.count("Sites it serves")),
      Schema.required("sites_connected", Schema.count("Those with a session")),
      Schema.required("publisher", publisher),
      Schema.required(
        "state", Schema.words("degraded: some site, or the publisher, is in trouble", ["ok", "degraded"])),
      Schema.required(
        "troubles",
        Schema.array(
          Schema.object(
            "A site that is not running.",
            [
              Schema.required("site_id", Schema.identifier("The site")), Schema.required("state", siteState),
              Schema.required("since_ms", Schema.instant("Since when")),
              Schema.required("reason", Schema.text("Why, and what to do")),
            ]))),
    ] + counters)

  static let publisher = Schema.object(
    "The connection that publishes KPIs and alerts.",
    connection + [
      Schema.required("queue", Schema.count("Publications that wait to be sent")),
      Schema.required("refused", Schema.count("Publications that were refused since the start")),
      Schema.optional("refusal", Schema.text("What is refused now, why, and what to do")),
    ])

  static let sparkplug = Schema.object(
    "The site's Sparkplug connection; where Sparkplug is on.",
    connection + [
      Schema.required("unreadable", Schema.count("Commands and states of hosts that could not be read"))
    ])

  private static let connection: [Schema.Property] = [
    Schema.required("connected", Schema.flag("It stands")),
    Schema.required("since_ms", Schema.instant("Since when it does, or does not")),
    Schema.optional("trouble", Schema.text("Why it does not, and what to do")),
  ]

  static let siteState = Schema.words("How the site is", ["recovering", "running", "held", "failed"])
}
