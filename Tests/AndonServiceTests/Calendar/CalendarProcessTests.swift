import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonRuntime

/// The real program: commands over HTTP and MQTT, a kill, and a reload of the holidays file.
@Suite(.ownThread) struct CalendarProcessTests {
  private static let calendarTopic = "andon/v1/plant-a/meta/calendar"
  private let folder: URL
  private let port: Int32
  private var file: String { folder.appending(path: "andon.yaml").path(percentEncoded: false) }
  private let today: String

  init() throws {
    folder = try TemporaryFolder.make("calendar")
    port = try Broker.freePort()
    today = String(CivilTime.text(epochMs: WallClock.system.nowMs).prefix(10))
  }

  private func configure(_ broker: Broker) throws {
    try "secret".write(to: folder.appending(path: "token"), atomically: true, encoding: .utf8)
    try holidays("19990101", "Once")
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    http: {listen: '127.0.0.1:\(port)', token_file: \(folder.path)/token}
    kpi: {publish_interval: 200ms, windows: [hour]}
    sites:
      - id: plant-a
        timezone: UTC
        shifts: [{id: all, start: "00:00", end: "00:00"}]
        calendar: {holidays_file: \(folder.path)/holidays.ics}
    """.write(toFile: file, atomically: true, encoding: .utf8)
  }

  private func holidays(_ date: String, _ summary: String) throws {
    try """
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    DTSTART;VALUE=DATE:\(date)
    SUMMARY:\(summary)
    END:VEVENT
    END:VCALENDAR
    """.write(to: folder.appending(path: "holidays.ics"), atomically: true, encoding: .utf8)
  }

  private func start() throws -> AndonProcess {
    let process = try AndonProcess(["run", "--config", file], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
    return process
  }

  private func post(_ command: String, token: String = "secret") throws -> String {
    try RawHTTP.post(
      port: port, path: "/api/v1/sites/plant-a/calendar/\(command)", body: "",
      headers: "Authorization: Bearer \(token)\r\n")
  }

  /// Waits for the newest `meta/calendar`.
  private func wait(_ panel: TestClient, for words: String) async throws {
    _ = try await panel.received(within: .seconds(60)) { received in
      received.last { $0.topic == Self.calendarTopic }?.text.contains(words) == true
    }
  }

  /// The shifts that begin today, over HTTP and by the command.
  private func shiftsToday() throws -> [Int] {
    let (from, to) = ("\(today)T00:00:00Z", "\(today)T23:59:59Z")
    let path = "/api/v1/sites/plant-a/calendar?from=\(from)&to=\(to)"
    // An answer is shared for a second.
    let answer = try RawHTTP.get(port: port, path: path)
    let printed = try Command.outputs(
      AndonProcess.executable,
      ["calendar", "--config", file, "--site", "plant-a", "--from", from, "--to", to, "--json"])
    return [answer, printed.output].map { $0.components(separatedBy: #""shift_id":"all""#).count - 1 }
  }

  @Test func commandsAndHolidaysCountAtOnceAndAfterAKill() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try Broker(Broker.Options(isPersistent: true))
    try configure(broker)
    var process = try start()
    let panel = try await TestClient(broker)
    try await panel.subscribe(Self.calendarTopic, "andon/v1/plant-a/cmd_result/#")
    try await wait(panel, for: #""shift_id":"all""#)
    #expect(try shiftsToday() == [1, 1])

    #expect(try post("close?from=\(today)&reason=x", token: "wrong").contains(" 401 "))
    #expect(try post("close?from=\(today)").contains(" 400 "))
    #expect(try post("close?from=\(today)&reason=x&line=l1").contains(#""code":"unknown_line""#))
    #expect(try post("open?date=\(today)&shifts=night").contains(#""code":"unknown_shift""#))
    #expect(try post("close?from=\(today)&reason=power%20cut&by=rossi").contains(#""code":"ok""#))
    try await wait(panel, for: #""closed":true,"closed_reason":"power cut""#)
    try waitUntil("the list without today") { try shiftsToday() == [0, 0] }

    process.signal(SIGKILL)
    _ = process.wait(seconds: 15)
    process = try start()
    #expect(try shiftsToday() == [0, 0], "kept over a kill")

    try await panel.publish(#"{"req_id":"1","by":"rossi"}"#, to: "andon/v1/plant-a/cmd/calendar/clear")
    try await wait(panel, for: #""shift_id":"all""#)
    _ = try await panel.received(within: .seconds(60)) { received in
      received.contains { $0.topic.hasSuffix("cmd_result/calendar/clear") && $0.text.contains(#""ok":true"#) }
    }

    // Only the file that the configuration names has changed.
    try holidays(today.replacing("-", with: ""), "Founding day")
    process.signal(SIGHUP)
    try await wait(panel, for: #""closed":true,"closed_reason":"Founding day""#)
    // A mistake in it changes nothing, and the log names its line.
    try holidays("\(today.replacing("-", with: ""))\nRRULE:FREQ=WEEKLY", "Founding day")
    process.signal(SIGHUP)
    try waitUntil("the mistake in the status") {
      try RawHTTP.get(port: port, path: "/status").contains("holidays.ics:4")
    }
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 15) == 0)
  }
}
