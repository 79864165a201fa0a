import Postgres
import TestSupport
import Testing

@testable import AndonCentral

/// Each query of the board, as the role that Grafana has, on rows whose figures are known.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct FleetBoardTests {
  private typealias Fields = [(name: String, value: ShippedField)]
  private static let dayLength: Int64 = 86_400_000
  private static let hour: Int64 = 3_600_000
  private let day = CentralTestDatabase.dayMs
  private var range: (from: Int64, to: Int64) { (day - 30 * Self.dayLength, day + Self.dayLength) }

  /// Seconds and units; `pct` is the window's own utilization in hundredths.
  private func window(
    _ kind: String, _ startMs: Int64, _ shift: String = "", scope: String = "site", quality: Int64 = 192,
    pct: Int64, _ seconds: [String: Int64], units: Int64, target: Int64? = nil
  ) -> Fields {
    [
      ("window_kind", .text(kind)), ("start_ms", .number(startMs)), ("end_ms", .number(startMs + Self.hour)),
      ("shift_id", .text(shift)), ("scope", .text(scope)), ("id", .text("x")), ("rev", .number(1)),
      ("published_ms", .number(1)), ("quality", .number(quality)),
      ("utilization_pct", .decimal(pct, digits: 2)),
      ("units", .number(units)),
    ] + seconds.map { ($0.key, ShippedField.decimal($0.value * 1000, digits: 3)) }
      + (target.map { [("target_units", .number($0))] } ?? [])
  }

  private func alert(
    _ id: String, _ state: String, severity: Int, isPage: Bool
  ) -> Fields {
    let record =
      #"{"state":"\#(state)","severity":\#(severity),"rule":"drift","source_id":"\#(id)","priority":"high","#
      + #""since_ms":\#(day),"occurrence_id":"o-\#(id)","message":"m"}"#
    return [
      ("number", .number(id.utf8.reduce(0) { $0 * 31 % 1_000_003 + Int64($1) })), ("first_ms", .number(day)),
      ("alert_id", .text(id)), ("occurrence_id", .text("o-\(id)")), ("rev", .number(1)),
      ("event", .text("raised")), ("page", .flag(isPage)), ("at_ms", .number(day)),
      ("noted_ms", .number(day)), ("record", .json(Array(record.utf8))),
    ]
  }

  private func stop(_ startMs: Int64, minutes: Int64, _ reason: String?) -> Fields {
    [
      ("workstation_id", .text("a1")), ("start_ms", .number(startMs)),
      ("end_ms", .number(startMs + minutes * 60_000)),
      ("duration_ms", .number(minutes * 60_000)), ("kind", .text("idle")), ("shift_id", .text("early")),
      ("rev", .number(1)),
    ] + (reason.map { [("payload", .json(Array(#"{"reason":"\#($0)"}"#.utf8)))] } ?? [])
  }

  private func gap(_ number: Int64, _ cause: String, _ fromMs: Int64, _ toMs: Int64, camera: String = "")
    -> Fields
  {
    [
      ("noted_at_ms", .number(toMs)), ("number", .number(number)), ("cause", .text(cause)),
      ("from_ms", .number(fromMs)),
      ("to_ms", .number(toMs)), ("camera_id", .text(camera)),
    ]
  }

  /// Two plants with figures, one that only has a bridge.
  private func fill(_ database: CentralTestDatabase) throws {
    let session = try database.session()
    let (first, second) = (day - 2 * Self.dayLength, day - Self.dayLength)
    let full: [String: Int64] = [
      "working_s": 3000, "idle_s": 1000, "absent_s": 800, "unknown_s": 200, "timed_out_s": 300, "stop_s": 600,
    ]
    let thin: [String: Int64] = [
      "working_s": 1000, "idle_s": 1000, "absent_s": 2000, "unknown_s": 1000, "timed_out_s": 500, "stop_s": 0,
    ]
    func seconds(_ working: Int64, _ idle: Int64, stop: Int64) -> [String: Int64] {
      [
        "working_s": working, "idle_s": idle, "absent_s": 0, "unknown_s": 0, "timed_out_s": 0, "stop_s": stop,
      ]
    }
    let epoch = try database.take(session, ["plant-a"])
    let one = database.shipment("plant-a", epoch: epoch, 1...1) { shipment, site in
      for row in [
        window("day", first, pct: 7500, full, units: 100, target: 120),
        window("day", second, quality: 64, pct: 5000, thin, units: 60),
        // What must not count: another scope, another time.
        window("day", first, scope: "workstation", pct: 0, full, units: 999, target: 1),
        window("day", day - 31 * Self.dayLength, pct: 0, full, units: 777, target: 1),
        window("shift", first, "early", pct: 6000, seconds(600, 400, stop: 100), units: 40, target: 50),
        window(
          "shift", first + 8 * Self.hour, "late", pct: 5000, seconds(500, 500, stop: 0), units: 20),
        window("shift", second, "early", pct: 7000, seconds(700, 300, stop: 50), units: 45, target: 50),
      ] { shipment.add(.figures, row, site: site) }
      shipment.add(.alerts, alert("cam-01", "unack_active", severity: 700, isPage: true), site: site)
      shipment.add(.alerts, alert("cam-02", "shelved", severity: 600, isPage: true), site: site)
      shipment.add(.alerts, alert("cam-03", "normal", severity: 900, isPage: true), site: site)
      shipment.add(.stops, stop(first, minutes: 60, "jam"), site: site)
      shipment.add(.stops, stop(second, minutes: 60, "jam"), site: site)
      shipment.add(.stops, stop(day - 31 * Self.dayLength, minutes: 600, "jam"), site: site)
      for row in [
        gap(1, "session_lost", day - 3 * Self.hour, day - Self.hour),
        gap(2, "drops_unknown", day - 2 * Self.hour, day),
        gap(3, "sequence", day - 2 * Self.hour, day, camera: "cam-01"),
        gap(4, "clock_step", day + 2, day + 1),
      ] { shipment.add(.gaps, row, site: site) }
    }
    #expect(try session.ship(one) == [.applied(events: 0)])
    let other = try database.take(session, ["plant-b"])
    let two = database.shipment("plant-b", epoch: other, 1...1) {
      $0.add(
        .figures, window("day", first, pct: 10000, seconds(2000, 0, stop: 60), units: 50, target: 40),
        site: $1)
      $0.add(
        .figures,
        window("shift", second, "early", pct: 8000, seconds(800, 200, stop: 20), units: 30, target: 40),
        site: $1)
      $0.add(.alerts, alert("cam-09", "acked_active", severity: 800, isPage: false), site: $1)
      $0.add(.stops, stop(first, minutes: 30, "jam"), site: $1)
      $0.add(.stops, stop(second, minutes: 45, nil), site: $1)
    }
    #expect(try session.ship(two) == [.applied(events: 0)])
    _ = try database.take(session, ["plant-c"])
  }

  /// The rows of a query as `column=value|…`.
  private func rows(_ reader: PostgresConnection, _ sql: String) throws -> [String] {
    let result = try reader.execute(
      """
      SELECT (SELECT string_agg(key || '=' || coalesce(value, ''), '|') FROM json_each_text(row_to_json(q))) AS line
      FROM (\(sql)) AS q
      """)
    return try (0..<result.rowCount).map { try result.value($0, "line") ?? "" }
  }

  /// What each panel shows of all sites. The columns that depend on the present are left out (`expectStates`).
  private static let expected: [String: [String]] = [
    "Sites": ["state=current|sites=2", "state=new|sites=1"],
    "Open pages": ["pages=1"],
    "Utilization": ["utilization=75.0"],
    "Units by target": ["pace=93.8"],
    "Coverage": ["coverage=83.3"],
    "Open alerts": [
      "site=plant-a|paged=true|priority=high|rule=drift|source=cam-01|state=unack_active|since=2026-11-30T00:00:00+00:00|message=m",
      "site=plant-a|paged=true|priority=high|rule=drift|source=cam-02|state=shelved|since=2026-11-30T00:00:00+00:00|message=m",
      "site=plant-b|paged=false|priority=high|rule=drift|source=cam-09|state=acked_active|since=2026-11-30T00:00:00+00:00|message=m",
    ],
    "Last shift by site": [
      "site=plant-a|shift=early|start=2026-11-29T00:00:00+00:00|utilization=70.00|units=45|units per hour=|pace=|stop time=50.000|quality=192",
      "site=plant-b|shift=early|start=2026-11-29T00:00:00+00:00|utilization=80.00|units=30|units per hour=|pace=|stop time=20.000|quality=192",
    ],
    "Last shift against the same shift before": [
      "site=plant-a|shift=early|start=2026-11-29T00:00:00+00:00|utilization=70.00|change=10.00|units=45|more units=5"
        + "|shift before=2026-11-28T00:00:00+00:00",
      "site=plant-b|shift=early|start=2026-11-29T00:00:00+00:00|utilization=80.00|change=|units=30|more units=|shift before=",
    ],
    "Days of the time range by site": [
      "site=plant-a|days=2|utilization=66.7|units=160|units per hour=144.0|stop time=600.000|days not good=1",
      "site=plant-b|days=1|utilization=100.0|units=50|units per hour=90.0|stop time=60.000|days not good=0",
    ],
    "Utilization by day": [
      "time=2026-11-28T00:00:00+00:00|all sites=83.3|lowest=75.00|highest=100.00",
      "time=2026-11-29T00:00:00+00:00|all sites=50.0|lowest=50.00|highest=50.00",
    ],
    "Shift against shift": [
      "shift=early|shifts=3|utilization=70.0|units per hour=197.1|pace=82.1|stop time a shift=57",
      "shift=late|shifts=1|utilization=50.0|units per hour=144.0|pace=|stop time a shift=0",
    ],
    "Stop time by reason": ["reason=jam|hours=2.5|stops=3", "reason=no reason|hours=0.8|stops=1"],
    "Units against target by site": [
      "site=plant-a|days=1|units=100|target=120|gap=-20|pace=83.3",
      "site=plant-b|days=1|units=50|target=40|gap=10|pace=125.0",
    ],
    "Units against target by day": ["time=2026-11-28T00:00:00+00:00|units=150|target=160"],
    "Completeness by site": [
      "site=plant-c|coverage=|gaps=0|gaps of cameras=0|hours in gaps=0",
      "site=plant-a|coverage=80.0|gaps=2|gaps of cameras=1|hours in gaps=3.0",
      "site=plant-b|coverage=100.0|gaps=0|gaps of cameras=0|hours in gaps=0",
    ],
    "Gaps by cause": [
      "cause=clock_step|gaps=1|sites=1", "cause=drops_unknown|gaps=1|sites=1",
      "cause=sequence|gaps=1|sites=1",
      "cause=session_lost|gaps=1|sites=1",
    ],
  ]

  @Test func everyPanelHasTheFiguresOfTheRows() throws {
    let database = try CentralTestDatabase()
    try fill(database)
    let board = try FleetBoard.read()
    let reader = try database.connection("andon_reader")
    try reader.executeScript("SET TIME ZONE 'UTC'")
    var left = Set(Self.expected.keys)
    for panel in board.panels {
      let found = try rows(reader, board.sql(panel, fromMs: range.from, toMs: range.to))
      left.remove(panel.title)
      if panel.title == "Sites by state and lag" {
        try expectStates(found)
      } else {
        #expect(found == Self.expected[panel.title], "\(panel.title)")
      }
      let one = try rows(
        reader, board.sql(panel, fromMs: range.from, toMs: range.to, sites: ["plant-b"]))
      #expect(
        one.allSatisfy { !$0.hasPrefix("site=") || $0.hasPrefix("site=plant-b|") }, "\(panel.title): \(one)")
      let both = try rows(
        reader,
        board.sql(panel, fromMs: range.from, toMs: range.to, sites: ["plant-a", "plant-b", "plant-c"]))
      #expect(both.count == found.count, "\(panel.title)")
    }
    #expect(left.isEmpty, "expected of panels that the board does not have: \(left)")
    #expect(Set(board.panels.map(\.id)).count == board.panels.count)
    let names = try rows(reader, try #require(board.site?.definition))
    #expect(names == ["site_id=plant-a", "site_id=plant-b", "site_id=plant-c"])
  }

  private func expectStates(_ found: [String]) throws {
    #expect(found.count == 3)
    #expect(found.first?.hasPrefix("site=plant-c|state=new|arrived before=|") == true, "\(found)")
    let line = try #require(found.first { $0.hasPrefix("site=plant-a|state=current|arrived before=") })
    #expect(line.contains("|bridge=bridge-01|stored=0|rejected=0|newest gap=clock_step|"), "\(line)")
  }

  /// Without any row, as after `andon central init`.
  @Test func aBoardOfNothingIsNoError() throws {
    let database = try CentralTestDatabase()
    let board = try FleetBoard.read()
    let reader = try database.connection("andon_reader")
    for panel in board.panels {
      let found = try rows(reader, board.sql(panel, fromMs: range.from, toMs: range.to))
      #expect(found.allSatisfy { $0.hasSuffix("=") || $0 == "pages=0" }, "\(panel.title): \(found)")
    }
  }

  /// `central.events` may be off.
  @Test func theNewestEventIsThatOfACameraWhereEventsAreNotSent() throws {
    let database = try CentralTestDatabase()
    let session = try database.session()
    let epoch = try database.take(session, ["plant-a"])
    var shipment = Shipment()
    let site = shipment.add(Shipment.Site(id: "plant-a", epoch: epoch, firstSeq: 1, lastSeq: 1, tip: 1))
    for (camera, atMs) in [("cam-01", day + 5), ("cam-02", day + 7)] {
      shipment.add(
        .cameras,
        [
          ("camera_id", .text(camera)), ("events", .number(1)), ("last_event_ms", .number(atMs)),
          ("last_received_ms", .number(atMs)), ("status", .text("online")),
        ], site: site)
    }
    #expect(try session.ship(shipment) == [.applied(events: 0)])
    let newest = "SELECT newest_event_ms - \(day), since_event_s IS NOT NULL FROM andon.site_now"
    #expect(try database.text(newest) == "7|t")
    try database.server.run("UPDATE andon.head SET newest_event_ms = \(day + 9)", in: database.name)
    #expect(try database.text(newest) == "9|t")
  }

  @Test func theStateOfASiteFollowsWhatArrivedLast() throws {
    let database = try CentralTestDatabase()
    _ = try database.take(try database.session(), ["plant-a"])
    func state(_ ago: String) throws -> String {
      try database.text(
        "UPDATE andon.head SET shipped_at = now() - interval '\(ago)'; SELECT state FROM andon.site_now")
    }
    #expect(try database.text("SELECT state FROM andon.site_now") == "new")
    #expect(try state("4 minutes") == "current")
    #expect(try state("6 minutes") == "late")
    #expect(try state("119 minutes") == "late")
    #expect(try state("121 minutes") == "silent")
  }

  @Test func everyViewSaysWhatItIs() throws {
    let database = try CentralTestDatabase()
    #expect(
      try database.text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'andon'::regnamespace AND relkind = 'v' "
          + "AND coalesce(obj_description(oid, 'pg_class'), '') = ''") == "")
  }

  /// Boards are many short statements: what it takes to compile one is more than what it saves.
  @Test func readersDoNotCompileTheirQueries() throws {
    let reader = try CentralTestDatabase().connection("andon_reader")
    #expect(try reader.execute("SELECT current_setting('jit') AS jit").value(0, "jit") == "off")
  }
}
