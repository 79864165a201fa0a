import AndonCore
import Testing

/// Payloads in other formats: which become events, and which are rejected with which message.
@Suite struct PayloadMapperTests {
  private let nowMs = MapperBench.nowMs
  private func payload(_ changes: [String: String?] = [:]) -> String { MapperBench.payload(changes) }

  @Test func aFlatPayloadIsAnEvent() throws {
    let items = try MapperBench().items(payload())
    #expect(items.count == 1 && items[0].camera == "cam-01" && items[0].mapping == "m")
    #expect(
      items[0].outcome
        == .event(
          Event(
            timestampMs: nowMs, workerID: "W1", workstationID: "S1", kind: .working, confidencePpm: 900_000)))
    #expect(
      items[0].fields.map(\.field) == [
        .cameraID, .timestamp, .workerID, .workstationID, .eventType, .confidence,
      ])
    #expect(items[0].fields.map(\.origin) == ["{camera}", "/t", "/w", "/s", "/e", "/c"])
  }

  // MARK: Values

  @Test func stringsThatSpellNumbersAreNumbers() throws {
    let bench = try MapperBench()
    #expect(bench.event(payload(["c": #""0.9""#, "t": "\"\(nowMs)\""]))?.confidencePpm == 900_000)
    #expect(bench.refusal(payload(["c": #""0.9 ""#])) == "schema confidence: must be a number")
    #expect(bench.refusal(payload(["c": #""0x1""#])) == "schema confidence: must be a number")
    #expect(bench.refusal(payload(["c": "true"])) == "schema confidence: must be a number")
    #expect(bench.refusal(payload(["c": "95"])) == "schema confidence: must be <= 1")
  }

  /// A Double would make it 0.7.
  @Test func confidenceIsExact() throws {
    let bench = try MapperBench()
    #expect(bench.event(payload(["c": "0.69999999999999999999"]))?.confidencePpm == 699_999)
    #expect(bench.event(payload(["c": "0.958984375"]))?.confidencePpm == 958_984)
    var percent = bench
    percent.rules[0].fields[.confidence] = [MapperBench.source("/c", as: .percent)]
    #expect(percent.event(payload(["c": "97.79"]))?.confidencePpm == 977_900)
    #expect(percent.event(payload(["c": "69.99999999999"]))?.confidencePpm == 699_999)
    #expect(percent.refusal(payload(["c": "100.1"])) == "schema confidence: must be <= 100 percent")
    #expect(percent.refusal(payload(["c": "-1"])) == "schema confidence: must be >= 0")
  }

  @Test func idsAreStrictUnlessTold() throws {
    var bench = try MapperBench()
    #expect(bench.event(payload(["w": "7"]))?.workerID == "7")
    let rule = "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"
    #expect(bench.refusal(payload(["w": #""Anna B""#])) == "schema worker_id: \(rule)")
    #expect(bench.refusal(payload(["w": "1.5"])) == "schema worker_id: must be text or a whole number")
    #expect(bench.refusal(payload(["w": "1e3"])) == "schema worker_id: must be text or a whole number")
    #expect(bench.refusal(payload(["w": "true"])) == "schema worker_id: must be text or a whole number")
    #expect(
      bench.refusal(payload(["w": "{}"])).hasPrefix("schema worker_id: must be one value, not an object"))
    bench.rules[0].fields[.workerID] = [MapperBench.source("/w", as: .id)]
    let ids = [
      "Anna B": "Anna_B", " Counter #1 ": "Counter_1", "_x": "x", "Zähler/2": "Z_hler_2", "a--b": "a--b",
      "--x": "x", "x_": "x",
    ]
    for (text, id) in ids { #expect(bench.event(payload(["w": "\"\(text)\""]))?.workerID == id, "\(text)") }
    #expect(bench.refusal(payload(["w": #""äöü""#])) == "schema worker_id: \(rule)")
  }

  @Test func aValueMapIsComplete() throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.eventType] = [
      MapperBench.source("/e", map: ["welding": "working", "1": "idle", "true": "absent"])
    ]
    #expect(bench.event(payload(["e": #""welding""#]))?.kind == .working)
    #expect(bench.event(payload(["e": "1"]))?.kind == .idle)
    #expect(bench.event(payload(["e": "true"]))?.kind == .absent)
    #expect(
      bench.refusal(payload(["e": #""Welding""#])) == #"schema event_type: "Welding" is not in the map"#)
    #expect(bench.refusal(payload(["e": "1.0"])) == #"schema event_type: "1.0" is not in the map"#)
    // A value that is not in one map may be in the next; a default takes the rest.
    bench.rules[0].fields[.eventType]?.append(MapperBench.source("/e", map: ["off": "absent"]))
    #expect(bench.event(payload(["e": #""off""#]))?.kind == .absent)
    bench.rules[0].fields[.eventType]?.append(MappingSource(.constant("idle")))
    #expect(bench.event(payload(["e": #""Welding""#]))?.kind == .idle)
    #expect(bench.event(payload(["e": nil]))?.kind == .idle)
  }

  @Test func theFirstSourceWithAValueCounts() throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.workerID] = ["/name/0", "/name", "/w"].map { MapperBench.source($0) }
    #expect(bench.event(payload(["name": #"["Anna",0.9]"#]))?.workerID == "Anna")
    #expect(bench.event(payload(["name": #""Ben""#]))?.workerID == "Ben")
    #expect(bench.event(payload(["name": "null"]))?.workerID == "W1")
    #expect(bench.event(payload())?.workerID == "W1")
    #expect(
      bench.refusal(payload(["w": nil])) == "schema worker_id: is required: nothing at /name/0, /name, /w")
    #expect(bench.refusal(payload(["w": "null"])).hasPrefix("schema worker_id: is required"))
  }

  @Test func templatesAndConstants() throws {
    var bench = try MapperBench(topic: "{hall}/{camera}/x")
    bench.rules[0].fields[.cameraID] = [MapperBench.source("{hall}-{camera}", ["hall", "camera"])]
    bench.rules[0].fields[.workstationID] = [MappingSource(.constant("S9"))]
    let items = bench.items(payload(["s": nil]), topic: "h1/c2/x")
    #expect(items.first?.camera == "h1-c2")
    #expect(bench.event(payload(), topic: "h1/c2/x")?.workstationID == "S9")
    #expect(bench.refusal(payload(), topic: "h 1/c2/x").hasPrefix("schema camera_id: must be 1 to 64"))
    #expect(bench.refusal(payload(), topic: "/c2/x").hasPrefix("schema camera_id: must be 1 to 64"))
  }

  @Test func numbersAsModelVersionAndEventID() throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.modelVersion] = [MapperBench.source("/m")]
    bench.rules[0].fields[.eventID] = [MapperBench.source("/i")]
    let event = bench.event(payload(["m": "2.6", "i": "4240"]))
    #expect(event?.modelVersion == "2.6" && event?.eventID == "4240")
    #expect(bench.refusal(payload(["i": #""a b""#])).hasPrefix("schema event_id: must be a string"))
    #expect(bench.refusal(payload(["m": #""a\u0007""#])).hasPrefix("schema model_version"))
  }

  @Test func escapesAreResolved() throws {
    let bench = try MapperBench()
    #expect(
      bench.event(#"{"\u0077":"W\u0031","s":"S1","e":"idl\u0065","c":1,"t":\#(nowMs)}"#)?.workerID == "W1")
  }

  // MARK: Time

  @Test(
    arguments: [
      (TimeUnit.secondsWithFraction, "1768472099.837752", 1_768_472_099_837),
      (.secondsWithFraction, "\"1768472099.9999999\"", 1_768_472_099_999),
      (.secondsWithFraction, "1.768472099001e9", 1_768_472_099_001),
      (.secondsWithFraction, "1768472100", 1_768_472_100_000),
      (.seconds, "1768472099", 1_768_472_099_000), (.seconds, "1768472099.0", 1_768_472_099_000),
      (.milliseconds, "1768472099123", 1_768_472_099_123),
      (.milliseconds, "\"1768472099123\"", 1_768_472_099_123),
      (.rfc3339, #""2026-01-15T10:14:59.837752Z""#, 1_768_472_099_837),
      (.rfc3339, #""2026-01-15T11:14:59.5+01:00""#, 1_768_472_099_500), (.receipt, "1", 1_768_472_100_000),
    ] as [(TimeUnit, String, Int64)])
  func times(_ unit: TimeUnit, _ text: String, _ expected: Int64) throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.timestamp] = [MapperBench.source("/t", unit: unit)]
    #expect(bench.event(payload(["t": text]))?.timestampMs == expected)
  }

  @Test(arguments: [
    (TimeUnit.seconds, "1768472099.5", "timestamp timestamp: must be a whole number"),
    (.milliseconds, "1768472099123.5", "timestamp timestamp: must be a whole number"),
    (.milliseconds, "true", "timestamp timestamp: must be a number"),
    (.secondsWithFraction, "\"soon\"", "timestamp timestamp: must be a number"),
    (.secondsWithFraction, "1e400", "timestamp timestamp: is out of range"),
    (.rfc3339, "1768472099", "timestamp timestamp: must be RFC 3339 text"),
    (.rfc3339, #""2026-01-15T10:14:59""#, "timestamp timestamp: must carry an offset, Z or ±hh:mm"),
    (
      .seconds, "1768472099123",
      "too_future timestamp: must be at most 60 s in the future: is the camera's clock right?"
    ),
    (.milliseconds, "1768472099", "too_old timestamp: must be no older than 604800 s"),
  ])
  func wrongTimes(_ unit: TimeUnit, _ text: String, _ refusal: String) throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.timestamp] = [MapperBench.source("/t", unit: unit)]
    #expect(bench.refusal(payload(["t": text])) == refusal)
  }

  @Test func withoutAUnitTimesAreAsInOurOwnEvents() throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.timestamp] = [MapperBench.source("/t")]
    #expect(bench.event(payload())?.timestampMs == nowMs)
    #expect(bench.event(payload(["t": #""2026-01-15T10:14:59Z""#]))?.timestampMs == nowMs - 1000)
    #expect(bench.refusal(payload(["t": "1768472099.5"])).hasPrefix("timestamp timestamp"))
  }

  // MARK: Counts

  private func counting(_ mode: MappingRule.CountMode) throws -> MapperBench {
    var bench = try MapperBench()
    bench.rules[0].countMode = mode
    bench.rules[0].fields[.eventType] = [MappingSource(.constant("product_count"))]
    bench.rules[0].fields[.count] = [MapperBench.source("/n")]
    bench.rules[0].fields[.confidence] = nil
    return bench
  }

  @Test func deltas() throws {
    let bench = try counting(.delta)
    for text in ["12", "\"12\"", "12.0", "1.2e1"] {
      #expect(bench.event(payload(["n": text]))?.count == 12, "\(text)")
    }
    #expect(bench.event(payload())?.count == 1)
    for text in ["12.5", "-1", "10001", "\"x\"", "true", "1e30"] {
      #expect(
        bench.refusal(payload(["n": text])) == "schema count: must be an integer from 0 to 10000", "\(text)")
    }
  }

  @Test func totalsAreLeftToTheMemoryOfCounters() throws {
    let bench = try counting(.total)
    let items = bench.items(payload(["n": "\"20960\""]))
    guard case .total(let event, 20_960) = items.first?.outcome else {
      Issue.record("\(items)")
      return
    }
    #expect(event.count == 0 && event.eventID == "total-20960" && event.kind == .productCount)
    let detail = "schema count: a total must be a whole number from 0 on"
    for text in ["-1", "1.5", "\"x\"", "9007199254740993"] {
      #expect(bench.refusal(payload(["n": text])) == detail, "\(text)")
    }
    #expect(bench.refusal(payload()) == "schema count: is required: nothing at /n")
  }

  // MARK: when and each

  @Test func conditionsIgnoreWhatIsNotMeant() throws {
    var bench = try MapperBench()
    bench.rules[0].conditions = [
      MappingCondition(MapperBench.source("/type"), values: ["new", "update"]),
      MappingCondition(MapperBench.source("/box"), values: []),
    ]
    #expect(bench.event(payload(["type": #""new""#, "box": "[1,2]"])) != nil)
    func reason(_ changes: [String: String?]) -> String {
      let items = bench.items(payload(changes))
      guard items.count == 1, case .ignored(let reason) = items[0].outcome else { return "\(items)" }
      return reason
    }
    #expect(reason(["type": #""end""#, "box": "1"]) == "m only means messages where /type is new or update")
    #expect(reason(["box": "1"]) == "m only means messages where /type is new or update")
    #expect(reason(["type": #""new""#]) == "m only means messages where /box is there")
    #expect(reason(["type": #""new""#, "box": "null"]) == "m only means messages where /box is there")
  }

  @Test func ofMappingsWithOneTopicTheFirstThatMeansItCounts() throws {
    var bench = try MapperBench()
    bench.rules.append(bench.rules[0])
    bench.rules[1].name = "other"
    bench.rules[0].conditions = [MappingCondition(MapperBench.source("/type"), values: ["a"])]
    #expect(bench.items(payload(["type": #""a""#])).map(\.mapping) == ["m"])
    #expect(bench.items(payload(["type": #""b""#])).map(\.mapping) == ["other"])
    bench.rules[1].conditions = [
      MappingCondition(MapperBench.source("{camera}", ["camera"]), values: ["cam-02"])
    ]
    #expect(bench.items(payload()).count == 1)
    #expect(bench.items(payload(), topic: "cams/cam-02/events").map(\.mapping) == ["other"])
  }

  private func listing() throws -> MapperBench {
    var bench = try MapperBench()
    bench.rules[0].each = JSONPointer("/frame/objects")
    bench.rules[0].fields[.timestamp] = [MapperBench.source("$/frame/t", unit: .milliseconds)]
    bench.rules[0].conditions = [MappingCondition(MapperBench.source("/label"), values: ["person"])]
    return bench
  }

  @Test func everyElementEndsInOneOutcome() throws {
    func object(_ worker: String, _ label: String, confidence: String = "0.9") -> String {
      #"{"w":"\#(worker)","s":"S1","e":"idle","c":\#(confidence),"label":"\#(label)"}"#
    }
    let objects = [object("W1", "person"), object("W2", "car"), object("W3", "person", confidence: "2"), "7"]
    let payload = #"{"frame":{"t":\#(nowMs),"objects":[\#(objects.joined(separator: ", "))]}}"#
    let bench = try listing()
    let items = bench.items(payload)
    #expect(items.count == 4)
    guard case .event(let event) = items[0].outcome, case .ignored = items[1].outcome,
      case .rejected(let rejection, let bytes) = items[2].outcome, case .ignored = items[3].outcome
    else {
      Issue.record("\(items)")
      return
    }
    #expect(event.workerID == "W1" && event.timestampMs == nowMs)
    #expect(rejection.field == "confidence")
    // The quarantine keeps the element, not the whole message.
    #expect(String(decoding: Array(payload.utf8)[bytes], as: UTF8.self) == objects[2])
  }

  @Test func theArrayMustBeOne() throws {
    let bench = try listing()
    let detail = "schema /frame/objects: must be an array of events"
    for payload in [#"{"frame":{"objects":{}}}"#, #"{"frame":{}}"#, #"{"frame":{"objects":null}}"#, "7"] {
      #expect(bench.refusal(payload) == detail, "\(payload)")
    }
    let empty = bench.items(#"{"frame":{"objects":[ ]}}"#)
    #expect(empty.map(\.outcome) == [.ignored(reason: "/frame/objects is empty")])
    let many = #"{"frame":{"objects":[\#(String(repeating: "1,", count: 1000))1]}}"#
    #expect(bench.refusal(many) == "too_large /frame/objects: must have at most 1000 events")
  }

  @Test func elementsMayBePlainValues() throws {
    var bench = try MapperBench()
    bench.rules[0].each = JSONPointer("")
    for (field, text) in [(MappingField.workstationID, "S1"), (.eventType, "idle"), (.confidence, "1")] {
      bench.rules[0].fields[field] = [MappingSource(.constant(text))]
    }
    bench.rules[0].fields[.workerID] = [MapperBench.source(".")]
    bench.rules[0].fields[.timestamp] = [MappingSource(.receipt, unit: .receipt)]
    let workers = bench.items(#"["W1", 2, null, ["x"]]"#).map { item in
      switch item.outcome {
      case .event(let event): event.workerID
      case .rejected(let rejection, _): rejection.detail
      case .total, .ignored: "?"
      }
    }
    #expect(
      workers == ["W1", "2", "is required: nothing at .", "must be one value, not an object or array, at ."])
  }

  // MARK: Bare text

  @Test func bareText() throws {
    var bench = try MapperBench()
    bench.rules[0].payload = .text
    for field in [MappingField.workerID, .workstationID] {
      bench.rules[0].fields[field] = [MapperBench.source("{camera}", ["camera"])]
    }
    bench.rules[0].fields[.eventType] = [MapperBench.source("$", map: ["welding": "working", "{\"": "idle"])]
    bench.rules[0].fields[.confidence] = [MappingSource(.constant("1"))]
    bench.rules[0].fields[.timestamp] = [MappingSource(.receipt, unit: .receipt)]
    #expect(bench.event("welding")?.kind == .working)
    #expect(bench.event("{\"")?.kind == .idle)
    #expect(bench.event("welding")?.timestampMs == nowMs)
    #expect(bench.refusal("welding\n") == "schema -: must be UTF-8 text without control characters")
    #expect(bench.refusal("Welding") == #"schema event_type: "Welding" is not in the map"#)
    #expect(
      bench.refusal(String(repeating: "x", count: 8193))
        == "too_large -: bare text must have at most 8192 bytes")
    let items = bench.items([0xFF, 0xFE])
    guard case .rejected(let rejection, _) = items[0].outcome else {
      Issue.record("\(items)")
      return
    }
    #expect(rejection.code == .schema)
  }

  // MARK: Hostile payloads

  @Test(arguments: [
    ("{", "json -: ends too early at byte 1"), ("nothing", "json -: expected a value"),
    (#"{"w":1,"w":2}"#, "json -: duplicate key at byte 11"),
    (#"{"x":{"a":1,"\u0061":2}}"#, "json -: duplicate key"),
    (#"{"w":1} x"#, "json -: trailing bytes at byte 8"), (#"{"w":"\ud800"}"#, "json -: lone surrogate"),
    ("\u{FEFF}{}", "json -: expected a value at byte 0"), (#"{"w":01}"#, "json -: expected"),
  ])
  func brokenText(_ payload: String, _ refusal: String) throws {
    #expect(try MapperBench().refusal(payload).hasPrefix(refusal))
  }

  @Test func depthAndSizeAreBounded() throws {
    let bench = try MapperBench()
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(bench.event(payload(["deep": nested(15)])) != nil)
    #expect(bench.refusal(payload(["deep": nested(16)])).hasPrefix("json -: nested deeper than 16"))
    let long = String(repeating: "x", count: 262_144)
    #expect(
      bench.refusal(payload(["long": "\"\(long)\""]))
        == "too_large -: the message must have at most 262144 bytes")
    // A large payload is accepted, a large event made of it is not.
    #expect(bench.event(payload(["long": "\"\(long.prefix(200_000))\""])) != nil)
    #expect(
      bench.refusal(payload(["w": "\"\(long.prefix(9000))\""])).hasPrefix("too_large -: the event must have"))
  }

  /// A thousand elements and a large root must not cost a million look-ups.
  @Test func timeIsLinearInTheBytes() throws {
    var bench = try listing()
    bench.rules[0].conditions = []
    bench.rules[0].fields[.workerID] = [MapperBench.source("$/zz/w")]
    let filler = (0..<20_000).map { "\"k\($0)\":1" }.joined(separator: ",")
    let objects = String(repeating: "{},", count: 999) + "{}"
    let payload = #"{\#(filler),"frame":{"objects":[\#(objects)]},"zz":{"w":"W1"}}"#
    let start = ContinuousClock.now
    let items = bench.items(payload)
    #expect(items.count == 1000)
    // Seconds even in a debug build; reading the whole payload for each element would take minutes.
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func theCameraMustBeTold() throws {
    var bench = try MapperBench()
    bench.rules[0].fields[.cameraID] = [MapperBench.source("/cam")]
    #expect(bench.refusal(payload()) == "schema camera_id: is required: nothing at /cam")
    #expect(bench.items(payload(["cam": "3"])).first?.camera == "3")
    #expect(bench.refusal(payload(["cam": #""a b""#])).hasPrefix("schema camera_id: must be 1 to 64"))
  }
}
