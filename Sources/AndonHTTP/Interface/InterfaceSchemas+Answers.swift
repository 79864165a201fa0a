import AndonCore
import AndonStatus
import AndonStore

extension InterfaceSchemas {
  /// Schemas of HTTP answers only.
  static let answers: [Entry] = [
    ("problem", problem), ("site", site), ("event", event), ("event_sample", eventSample), ("model", model),
    ("quarantined", quarantined), ("site_list", list("site", [("timestamp_ms", Schema.instant("Now"))])),
    ("kpi_list", list("kpi", [siteID, ("timestamp_ms", Schema.instant("The present that was asked for"))])),
    ("alert_list", list("alert", [siteID])), ("event_list", list("event", [])),
    (
      "model_list",
      list(
        "model",
        [siteID, ("from_ms", Schema.instant("The first instant")), ("to_ms", Schema.instant("The end"))])
    ),
    (
      "quarantine_list",
      list(
        "quarantined",
        [siteID, ("counts", Schema.map("Rows by reason", of: Schema.count("Rows")))])
    ), ("ingest_result", ingestResult), ("command_result", commandResult), ("status", status),
    ("site_status", siteStatus), ("log_level", logLevel), ("quarantine_result", quarantineResult),
  ]

  private static let siteID = ("site_id", Schema.identifier("The site"))

  private static func list(_ item: String, _ head: [(String, JSONValue)]) -> JSONValue {
    Schema.object(
      "A list.",
      head.map { Schema.required($0.0, $0.1) } + [
        Schema.required("items", Schema.array(Schema.reference(item))),
        Schema.optional("next_cursor", Schema.text("Where the next page begins; absent on the last one")),
      ])
  }

  private static let problem = Schema.object(
    "RFC 9457.",
    [
      Schema.required("type", Schema.text("about:blank")),
      Schema.required("title", Schema.text("Of the status")),
      Schema.required("status", Schema.integer("The HTTP status")),
      Schema.required("code", Schema.text("For programs; never changes")),
      Schema.required("detail", Schema.text("For people: what and where")),
      Schema.optional("field", Schema.text("The parameter or header to blame")),
    ])

  private static let window = Schema.object(
    "A window.",
    [
      Schema.required("start_ms", Schema.instant("The first instant")),
      Schema.required("end_ms", Schema.instant("The first instant no longer in it")),
      Schema.optional("shift_id", Schema.identifier("The shift")),
    ])

  private static let site = Schema.object(
    "A site as configured.",
    [
      Schema.required("site_id", Schema.identifier("The site")),
      Schema.required("name", Schema.text("For people")),
      Schema.required("timezone", Schema.text("IANA")),
      Schema.required("topic_root", Schema.text("The first levels of its topics: topics.root")),
      Schema.required("connected", Schema.flag("It has its broker session")),
      Schema.required(
        "windows", Schema.array(Schema.words("Published windows", WindowKind.allCases.map(\.rawValue)))),
      Schema.required("current", Schema.map("The windows that contain the present", of: window)),
      Schema.required(
        "shifts",
        Schema.array(
          Schema.object(
            "A shift.",
            [
              Schema.required("id", Schema.identifier("The shift")),
              Schema.required("start", Schema.text("hh:mm")),
              Schema.required("end", Schema.text("hh:mm")),
            ]))),
      Schema.required("workers", Schema.map("Names by id", of: Schema.text("A name"))),
      Schema.required("workstations", Schema.map("Names by id", of: Schema.text("A name"))),
      Schema.required("state_timeout_s", Schema.number("How long a state holds")),
      Schema.required("publish_interval_s", Schema.number("How often a KPI changes at most")),
      Schema.required("min_confidence", Schema.fraction("The gate of the KPIs")),
      Schema.required("drift_limit", Schema.fraction("A rolling mean below it is low")),
    ])

  private static let seen: [Schema.Property] = [
    Schema.required("site_id", Schema.identifier("The site")),
    Schema.required("camera_id", Schema.text("The camera; empty when the topic named none")),
    Schema.optional("worker_id", Schema.identifier("The worker")),
    Schema.optional("confidence", Schema.fraction("The model's")),
    Schema.optional("count", Schema.count("Units", most: 10_000)),
    Schema.optional("model_version", Schema.text("The vision model")),
    Schema.required("received_at_ms", Schema.instant("When the bridge committed it")),
  ]

  private static let event = Schema.object(
    "A stored event.",
    seen + [
      Schema.required("timestamp_ms", Schema.instant("The camera's time")),
      Schema.required("ts", Schema.timestampText),
      Schema.required("workstation_id", Schema.identifier("The workstation")),
      Schema.required("event_type", Schema.words("What it saw", EventKind.allCases.map(\.name))),
      Schema.optional("event_id", Schema.text("The sender's own id")),
      Schema.required(
        "outcome", Schema.words("low_confidence: kept out of KPIs", ["stored", "low_confidence"])),
    ])

  private static let outcome = Schema.words("What became of it", ItemOutcome.Kind.allCases.map(\.rawValue))

  private static let eventSample = Schema.object(
    "An event on the stream: one of a sample.",
    seen + [
      Schema.optional("timestamp_ms", Schema.instant("The camera's time")),
      Schema.optional("workstation_id", Schema.identifier("The workstation")),
      Schema.optional("event_type", Schema.words("What it saw", EventKind.allCases.map(\.name))),
      Schema.required("outcome", outcome), Schema.optional("code", rejectionCode),
      Schema.optional("field", Schema.text("The offending field")),
      Schema.optional("detail", Schema.text("What was expected")),
    ])

  private static let model = Schema.object(
    "The confidences of one model version on one camera.",
    [
      Schema.required("site_id", Schema.identifier("The site")),
      Schema.required("camera_id", Schema.identifier("The camera")),
      Schema.required("model_version", Schema.text("Empty when the camera does not say")),
      Schema.required("samples", Schema.count("Events with a confidence in the range")),
      Schema.optional("mean", Schema.fraction("Of the range")),
      Schema.optional("min", Schema.fraction("The least")),
      Schema.optional("max", Schema.fraction("The most")),
      Schema.optional("below_gate", Schema.count("Samples kept out of KPIs")),
      Schema.optional("first_event_ms", Schema.instant("The first sample")),
      Schema.optional("last_event_ms", Schema.instant("The last sample")),
      Schema.optional("rolling_mean", Schema.fraction("Of the last samples, which the drift rule judges")),
      Schema.required("rolling_samples", Schema.count("Samples in the rolling mean")),
      Schema.required(
        "state", Schema.words("Of the drift rule", ["insufficient_data", "normal", "pending", "active"])),
      Schema.required("limit", Schema.fraction("A rolling mean below it is low")),
      Schema.required("clear_limit", Schema.fraction("At or above it is well again")),
      Schema.required("min_confidence", Schema.fraction("The gate of the KPIs")),
      Schema.required(
        "histogram",
        Schema.array(
          Schema.count("Samples in a step of 0.05"), limit: ModelReport.binCount, least: ModelReport.binCount)
      ),
      Schema.required("step_ms", Schema.count("The trend's step, milliseconds")),
      Schema.required(
        "trend",
        Schema.array(
          Schema.object(
            "A step of time.",
            [
              Schema.required("start_ms", Schema.instant("When it began")),
              Schema.required("samples", Schema.count("Samples in it")),
              Schema.required("mean", Schema.fraction("Their mean")),
            ]))),
    ])

  private static let quarantined = Schema.object(
    "A rejected event.",
    [
      Schema.required("id", Schema.count("Its row")),
      Schema.required("received_at_ms", Schema.instant("When it came")),
      Schema.required("ts", Schema.timestampText), Schema.required("site_id", Schema.identifier("The site")),
      Schema.required("camera_id", Schema.text("The camera; empty when the topic named none")),
      Schema.required("topic", Schema.text("Where it came from")), Schema.required("code", rejectionCode),
      Schema.optional("field", Schema.text("The offending field")),
      Schema.required("detail", Schema.text("What was expected")),
      Schema.optional("event_id", Schema.text("The sender's own id")),
      Schema.required(
        "payload", Schema.text("The beginning of what came in; what is no UTF-8 shows as U+FFFD")),
      Schema.required("payload_bytes", Schema.count("Its full length")),
    ])

  private static let ingestResult = Schema.object(
    "What became of posted events. They are committed.",
    [
      Schema.required("site_id", Schema.identifier("The site")),
      Schema.required("timestamp_ms", Schema.instant("When this was answered")),
      Schema.required("received", Schema.count("Events in the body")),
    ]
      + ItemOutcome.Kind.allCases.map {
        Schema.required($0.rawValue, Schema.count("Those with this outcome"))
      } + [
        Schema.required(
          "items",
          Schema.array(
            Schema.object(
              "One event, in the order of the body.",
              [
                Schema.required("inserted", Schema.flag("It is a new row")),
                Schema.required("outcome", outcome),
                Schema.optional("conflict", Schema.flag("A duplicate that differs from the stored row")),
                Schema.optional("code", rejectionCode),
                Schema.optional("field", Schema.text("The offending field")),
                Schema.optional("detail", Schema.text("What was expected")),
                Schema.optional("event_id", Schema.text("The sender's own id")),
              ])))
      ])

  private static let commandResult = Schema.object(
    "A command was carried out.",
    [
      Schema.required("cmd", Schema.text("group/name")),
      Schema.optional("alert_id", Schema.text("The alert")),
      Schema.optional("camera_id", Schema.text("The camera")),
      Schema.required("ok", Schema.flag("true")),
      Schema.required("code", Schema.text("ok, or another code of success")),
      Schema.required("timestamp_ms", Schema.instant("When")),
    ])

  private static let logLevel = Schema.object(
    "What is logged.",
    [
      Schema.required("level", Schema.text("The lowest level that is logged now")),
      Schema.required(
        "normal", Schema.text("The level of the configuration; it applies again after duration_s")),
      Schema.required("duration_s", Schema.count("For how long, seconds; 0: without an end")),
    ])

  private static let quarantineResult = Schema.object(
    "What became of rows of the quarantine. It is committed.",
    [
      Schema.required(siteID.0, siteID.1),
      Schema.required("timestamp_ms", Schema.instant("When this was answered")),
      Schema.required("taken", Schema.count("Rows taken out of the quarantine")),
      Schema.required("kept", Schema.count("Rows that cannot be replayed and stay")),
      Schema.required("received", Schema.count("Events that went through the pipeline again")),
    ]
      + ItemOutcome.Kind.allCases.map {
        Schema.required($0.rawValue, Schema.count("Those with this outcome"))
      } + [
        Schema.required("last_id", Schema.count("The last row looked at; 0 for none")),
        Schema.required("has_more", Schema.flag("More rows match: ask again with after_id")),
      ])

  private static let session: [Schema.Property] = [
    Schema.required("site_id", Schema.identifier("The site")),
    Schema.required("connected", Schema.flag("It has its broker session")),
    Schema.required("session_present", Schema.flag("The broker had kept it")),
    Schema.optional("last_commit_ms", Schema.instant("The last commit")),
    Schema.optional("lag_ms", Schema.integer("Received minus timestamp of the newest event, milliseconds")),
    Schema.optional("trouble", Schema.text("Why the site is held")),
    Schema.required("counters", Schema.object("Outcomes since the site's file was made.", counters)),
  ]

  private static let health: [Schema.Property] = [
    Schema.required("state", siteState), Schema.required("state_since_ms", Schema.instant("Since when")),
    Schema.optional("warning", Schema.text("What will become a fault when it is not mended")),
    Schema.optional("note", Schema.text("Information; needs no action")),
    Schema.required(
      "gaps",
      Schema.array(
        Schema.object(
          "A time in which events may be missing, or the clock stepped.",
          [
            Schema.required("cause", Schema.words("What opened it", GapRow.Cause.allCases.map(\.rawValue))),
            Schema.optional("camera_id", Schema.identifier("The one camera that it concerns")),
            Schema.required("from_ms", Schema.instant("Its beginning")),
            Schema.required("to_ms", Schema.instant("Its end")),
            Schema.required("noted_at_ms", Schema.instant("When it was noticed")),
            Schema.required("may_miss_events", Schema.flag("Events may be missing")),
            Schema.required("detail", Schema.text("For people")),
          ]), limit: 2 * SiteStatus.gapLimit)),
    Schema.required(
      "outbox",
      Schema.object(
        "Rows of alert_event that wait for the broker.",
        [
          Schema.required("rows", Schema.count("How many wait")),
          Schema.required("refused", Schema.count("Publications that the broker refused since the start")),
          Schema.required("dropped", Schema.count("Rows that made room since the start")),
          Schema.optional("refusal", Schema.text("What the broker refuses now")),
        ])),
    Schema.required(
      "retention",
      Schema.object(
        "Events that were deleted because of their age.",
        [
          Schema.optional("cutoff_ms", Schema.instant("Older events are gone or about to go")),
          Schema.required("deleted", Schema.count("Events deleted since the start")),
          Schema.optional("last_deleted_ms", Schema.instant("When events were last deleted")),
          Schema.required("held", Schema.flag("Nothing is deleted, because the clock is in doubt")),
          Schema.optional(
            "held_for_s",
            Schema.count("How long the bridge must still run before events are deleted, seconds")),
          Schema.optional("reason", Schema.text("Why")),
        ])),
    Schema.optional("sparkplug", sparkplug),
    Schema.required(
      "damage",
      Schema.object(
        "What of the site's file did not match its checksum.",
        [
          Schema.required("found", Schema.count("Summaries and states since the start")),
          Schema.required("repaired", Schema.count("Those that were computed again from the events")),
          Schema.optional("last_ms", Schema.instant("When the last one was found")),
          Schema.required(
            "quarters", Schema.count("Quarters of an hour with damaged rows of events, by the last audit")),
        ])),
    Schema.optional(
      "audit",
      Schema.object(
        "The last self-audit of summaries against events.",
        [
          Schema.required("last_ms", Schema.instant("When it was")),
          Schema.required("pairs", Schema.count("Worker and quarter hours compared")),
          Schema.required("mismatches", Schema.count("Those that differed; mended")),
        ])),
  ]

  private static let siteStatus = Schema.object(
    "A site in short, on the stream.",
    [Schema.required("timestamp_ms", Schema.instant("Now"))] + session + [
      Schema.required("cameras_online", Schema.count("Cameras that say online")),
      Schema.required("cameras_offline", Schema.count("Cameras that say offline")),
      Schema.required("cameras_out_of_service", Schema.count("Cameras that have no alerts")),
    ])

  private static let camera = Schema.object(
    "A camera.",
    [
      Schema.required("camera_id", Schema.identifier("The camera")),
      Schema.required(
        "status",
        Schema.words(
          "The last status that the camera, or its MQTT will, published", ["online", "offline", "unknown"])),
      Schema.required("events", Schema.count("Stored events")),
      Schema.required("last_event_ms", Schema.instant("The newest event; 0 before the first")),
      Schema.required("last_received_ms", Schema.instant("When it came; 0 before the first")),
      Schema.required("qos0_received", Schema.count("Messages that it sent with QoS 0")),
      Schema.required(
        "at_most_once",
        Schema.flag("It sent one within a day: what it sends while the bridge is away is lost")),
      Schema.required("out_of_service", outOfService),
    ])

  private static let outOfService: JSONValue = [
    "description": "Who took it out of service; null while it is in service",
    "anyOf": [
      Schema.object(
        "It has no alerts.",
        [
          Schema.required("reason", Schema.text("Why")), Schema.required("by", Schema.text("Who said so")),
          Schema.required("since_ms", Schema.instant("Since when")),
          Schema.required(
            "until_ms",
            [
              "type": ["integer", "null"],
              "description": "When it is back by itself; null: when somebody says so",
            ]),
        ]), ["type": "null"],
    ],
  ]

  private static let status = Schema.object(
    "The bridge.",
    [
      Schema.required("bridge_id", Schema.identifier("The bridge")),
      Schema.required("version", Schema.text("Its version")),
      Schema.required("timestamp_ms", Schema.instant("Now")),
      Schema.required("uptime_s", Schema.count("Seconds since its start")),
      Schema.required("online", Schema.flag("Every site has its session, and the publisher its connection")),
      Schema.required("publisher", publisher),
      Schema.required(
        "sites",
        Schema.array(
          Schema.object(
            "A site.",
            session + health + [
              Schema.required("cameras_out_of_service", Schema.count("Cameras that have no alerts")),
              Schema.required(
                "cameras_without_events", Schema.count("Cameras of which there is a status and no event")),
              Schema.required("cameras", Schema.array(camera)),
            ]))),
      Schema.required(
        "alerts",
        Schema.object(
          "Alerts of all sites.",
          [
            Schema.required("active", Schema.count("Active")),
            Schema.required("pending", Schema.count("Pending")),
          ])),
      Schema.required(
        "config",
        Schema.object(
          "The configuration since the start.",
          [
            Schema.required("loaded_at_ms", Schema.instant("When the one in force was read")),
            Schema.required("reloads", Schema.count("Times it was read again and taken over")),
            Schema.required("failed_reloads", Schema.count("Times nothing was taken over")),
            Schema.optional("error", Schema.text("Why the last time nothing was taken over")),
            Schema.required(
              "needs_restart", Schema.array(Schema.text("A changed key that waits for the next start"))),
          ])),
      Schema.optional("log_level", Schema.text("What is logged now")),
      Schema.required(
        "process",
        Schema.object(
          "What the process takes of its machine.",
          [
            Schema.required("cpu_s", Schema.number("User and system time, seconds")),
            Schema.required("resident_bytes", Schema.count("Memory")),
            Schema.required("disk_free_bytes", Schema.count("Free beside the data")),
            Schema.required("disk_bytes", Schema.count("Of that file system")),
            Schema.required("store_bytes", Schema.count("All sites' files")),
            Schema.required("open_files", Schema.count("File descriptors")),
          ])),
    ])
}
