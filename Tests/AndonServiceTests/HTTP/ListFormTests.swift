import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonHTTP
@testable import AndonRuntime

/// Lists as JSON and as CSV, figures by quarters of an hour, and the journal of alerts, from a running bridge.
@Suite(.ownThread) struct ListFormTests {
  private static let root = "andon/v1/plant-a"
  private let folder: URL
  private let port: Int32
  private let broker: Broker
  private let process: AndonProcess
  /// A full quarter of an hour before the present.
  private let startMs: Int64

  init() throws {
    folder = try TemporaryFolder.make("lists")
    port = try Broker.freePort()
    broker = try Broker()
    startMs = SummaryBucket.start(of: WallClock.system.nowMs) - 2 * SummaryBucket.lengthMs
    try "secret\n".write(toFile: folder.path + "/token", atomically: true, encoding: .utf8)
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    http: {listen: '127.0.0.1:\(port)', rate_limit: 0, token_file: \(folder.path)/token}
    alerts: {offline_delay: 0s, group_window: 0s}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(toFile: folder.path + "/andon.yaml", atomically: true, encoding: .utf8)
    process = try AndonProcess(["run", "--config", folder.path + "/andon.yaml"], folder: folder)
    let port = port
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
  }

  // MARK: Requests

  private func get(_ path: String, accept: String? = nil) throws -> (head: String, body: String) {
    let headers = accept.map { "Accept: \($0)\r\n" } ?? ""
    let answer = try RawHTTP.get(port: port, path: "/api/v1/sites/plant-a/\(path)", headers: headers)
    let end = try #require(answer.range(of: "\r\n\r\n"))
    return (String(answer[..<end.lowerBound]), String(answer[end.upperBound...]))
  }

  private func post(_ path: String, body: String = "") throws -> String {
    try RawHTTP.post(
      port: port, path: "/api/v1/sites/plant-a/\(path)", body: body,
      headers: "Authorization: Bearer secret\r\n" + (body.isEmpty ? "" : "Content-Type: application/json\r\n")
    )
  }

  private func items(_ path: String) throws -> [[String: Any]] {
    let body = try get(path).body
    let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
    return try #require(object?["items"] as? [[String: Any]], "\(body)")
  }

  /// Fields of a CSV without quotes inside of cells; lines and cells.
  private func cells(_ csv: String) -> [[String]] {
    csv.components(separatedBy: "\r\n").dropLast().map { $0.components(separatedBy: ",") }
  }

  private func event(_ atMs: Int64, _ kind: String, worker: String = "W1", more: String = "") -> String {
    #"{"timestamp":\#(atMs),"worker_id":"\#(worker)","workstation_id":"S1","event_type":"\#(kind)","confidence":0.9\#(more)}"#
  }

  // MARK: Tests

  @Test func aListComesAsCSVWithEveryDigit() throws {
    let events = [
      event(startMs, "working"), event(startMs + 60_000, "product_count", more: #","count":7"#),
      event(startMs + 600_000, "idle"), event(startMs + 700_000, "absent"),
      event(startMs + 300_000, "working", worker: "W0"),
    ]
    #expect(try post("cameras/cam-01/events", body: "[\(events.joined(separator: ","))]").contains(" 200 "))
    let query = "from=\(startMs)&to=\(startMs + 900_000)"
    let (head, body) = try get("kpi?scope=worker&\(query)", accept: "text/csv")
    #expect(head.contains("200 OK") && head.lowercased().contains("content-type: text/csv; charset=utf-8"))
    #expect(head.lowercased().contains("vary: accept"))
    let table = cells(body)
    let json = try get("kpi?scope=worker&\(query)").body
    try #require(table.count == 3 && table.allSatisfy { $0.count == table[0].count }, "\(body)")
    for (name, cell) in zip(table[0], table[2]) where !cell.isEmpty {
      let isText = ["site_id", "scope", "id", "window", "state", "workstation_id", "ts"].contains(name)
      #expect(json.contains(isText ? "\"\(name)\":\"\(cell)\"" : "\"\(name)\":\(cell)"), "\(name) \(cell)")
    }
    let utilization = try #require(table[0].firstIndex(of: "utilization_pct"))
    #expect(table[2][utilization] == "85.71", "10 of 11 min 40 s, with two digits")
    let id = try #require(table[0].firstIndex(of: "id"))
    #expect(table[1][id] == "W0" && table[2][id] == "W1")
    #expect(try items("kpi?scope=worker&\(query)").map { $0["id"] as? String } == ["W0", "W1"])
  }

  /// A spreadsheet must not take what somebody typed for a formula.
  @Test func textsAreSafeAndCellsAreQuoted() {
    let items = [
      #"{"comment":"=HYPERLINK(\"http://x\")","by":"-anna","severity":-7,"event":"a,b"}"#,
      #"{"by":"+1","comment":"two\r\nlines","event":null,"severity":1.50}"#, #"{"by":"@x","comment":"\tx"}"#,
    ]
    let lines = CSVTable(
      item: "alert_event", list: Array("{\"items\":[\(items.joined(separator: ","))]}".utf8)
    ).bytes
    let text = String(decoding: lines, as: UTF8.self)
    for cell in [
      #""'=HYPERLINK(""http://x"")""#, "'-anna", ",-7,", #""a,b""#, "'+1", "\"two\r\nlines\"", ",1.50,",
      "'@x", "'\tx",
    ] { #expect(text.contains(cell), "\(cell) in \(text)") }
  }

  @Test(arguments: [
    ("text/csv", true), ("text/csv;q=0.5, application/json;q=0.4", true),
    ("application/json, text/csv", true),
    ("application/json, text/csv;q=0.9", false), ("*/*", false), ("text/*", false), ("text/csv;q=0", false),
    ("text/html,application/xhtml+xml,*/*;q=0.8", false), ("TEXT/CSV; header=present", true),
  ])
  func theClientChooses(accept: String, isCSV: Bool) {
    #expect(AcceptHeader.prefers("text/csv", accept) == isCSV)
  }

  @Test func aPageOfCSVNamesTheNextOne() throws {
    let events = (0..<5).map { event(startMs + Int64($0) * 1000, "working", more: #","event_id":"e\#($0)""#) }
    #expect(try post("cameras/cam-01/events", body: "[\(events.joined(separator: ","))]").contains(" 200 "))
    var path: String? = "events?limit=2&camera=cam-01"
    var found: [String] = []
    var pages = 0
    while let now = path, pages < 9 {
      let (head, body) = try get(now, accept: "text/csv")
      pages += 1
      let table = cells(body)
      let column = try #require(table[0].firstIndex(of: "event_id"))
      found += table.dropFirst().map { $0[column] }
      let link = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("link: <") }
      path = link.flatMap { $0.components(separatedBy: "plant-a/").last?.components(separatedBy: ">").first }
    }
    #expect(pages == 3 && found == ["e4", "e3", "e2", "e1", "e0"])
  }

  @Test func anEmptyListHasItsNamesAndCellsAreQuoted() throws {
    #expect(try get("quarantine", accept: "text/csv").body.components(separatedBy: "\r\n").count == 2)
    #expect(try post("cameras/cam-01/events", body: #"{"worker_id":"a\"b,c\nd"}"#).contains(#""rejected""#))
    let body = try get("quarantine", accept: "text/csv").body
    #expect(body.contains(#""{""worker_id"":""a\""b,c\nd""}""#), "\(body)")
  }

  @Test func quartersOfAnHourAddUpToTheirHour() throws {
    let hourMs = startMs - startMs % 3_600_000 - 3_600_000
    var events: [String] = []
    for number in 0..<40 {
      let kind = ["working", "idle", "product_count"][number % 3]
      events.append(event(hourMs + Int64(number) * 97_000, kind, more: number % 3 == 2 ? #","count":3"# : ""))
    }
    #expect(try post("cameras/cam-01/events", body: "[\(events.joined(separator: ","))]").contains(" 200 "))
    let query = "scope=workstation&from=\(hourMs)&to=\(hourMs + 3_600_000)"
    let quarters = try items("kpi/series?window=quarter&\(query)")
    let hours = try items("kpi/series?window=hour&\(query)")
    #expect(quarters.count == 4 && hours.count == 1)
    for name in ["working_s", "idle_s", "units"] {
      let sum = quarters.compactMap { $0[name] as? Double }.reduce(0, +)
      #expect(abs(sum - (hours[0][name] as? Double ?? -1)) < 0.0005, "\(name)")
    }
    for (place, quarter) in quarters.enumerated() {
      let fromMs = hourMs + Int64(place) * 900_000
      let range = try items("kpi?scope=workstation&from=\(fromMs)&to=\(fromMs + 900_000)")
      // Everything but the present, in which both were asked.
      let present = ["timestamp_ms", "ts"]
      let (one, other) = (
        quarter.filter { !present.contains($0.key) }, range[0].filter { !present.contains($0.key) }
      )
      #expect(one["window_start_ms"] as? Int == Int(fromMs))
      #expect(NSDictionary(dictionary: one) == NSDictionary(dictionary: other))
    }
    let tooFar = try get("kpi/series?window=quarter&from=\(hourMs - 181_000_000)&to=\(hourMs)")
    #expect(tooFar.head.contains(" 400 "))
  }

  @Test func theJournalIsReadInPagesAndTakesVerdicts() async throws {
    let client = try await TestClient(broker)
    for camera in ["cam-01", "cam-02"] {
      let event = event(WallClock.system.nowMs, "working", worker: camera)
      try await client.publish([
        Publication(topic: "\(Self.root)/camera/\(camera)/event", payload: Array(event.utf8)),
        Publication(topic: "\(Self.root)/camera/\(camera)/status", payload: Array("offline".utf8)),
      ])
    }
    try waitUntil("two alerts") {
      try items("alerts/history").count { $0["event"] as? String == "raised" } == 2
    }
    let id = "plant-a/camera_offline/cam-01"
    let path = "alerts/plant-a%2Fcamera_offline%2Fcam-01"
    #expect(try post("\(path)/confirm?by=anna").contains(" 200 "))
    #expect(try post("\(path)/false_alarm?by=anna&comment=cable").contains(" 200 "))
    #expect(try post("alerts/plant-a%2Fcamera_offline%2Fcam-09/confirm").contains(" 4"))
    let all = try items("alerts/history?alert_id=\(id)")
    #expect(all.map { $0["event"] as? String } == ["false_alarm", "confirmed", "raised", "pending"])
    #expect(all[0]["by"] as? String == "anna" && all[0]["comment"] as? String == "cable")
    // Pages of one, through all of both alerts.
    var (cursor, revisions): (String?, [String]) = (nil, [])
    repeat {
      let page = try get("alerts/history?limit=1" + (cursor.map { "&cursor=\($0)" } ?? "")).body
      let object = try #require(try JSONSerialization.jsonObject(with: Data(page.utf8)) as? [String: Any])
      for item in object["items"] as? [[String: Any]] ?? [] {
        revisions.append("\(item["alert_id"] ?? "") \(item["event"] ?? "")")
      }
      cursor = object["next_cursor"] as? String
    } while cursor != nil && revisions.count < 20
    #expect(revisions == (try items("alerts/history")).map { "\($0["alert_id"] ?? "") \($0["event"] ?? "")" })
    #expect(try items("alerts/history?to=\(startMs)").isEmpty)
    #expect(try items("alerts/history?from=\(startMs)").count == revisions.count)
    #expect(try get("alerts/history?cursor=x").head.contains(" 400 "))
  }
}
