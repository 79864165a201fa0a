import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Rows 15, 27 and 32–37 of docs/reliability.md: input, from the broker to the file.
@Suite(.ownThread) struct InputFaultTests {
  private let nowMs = TestSite.nowMs

  private func codes(_ test: TestSite) throws -> [String] {
    try test.store.quarantine(limit: 1000).map(\.code).reversed()
  }

  /// Another client used the site's client id: the broker's session still has its subscriptions.
  @Test func aTopicOfAnotherSiteIsRejectedAsUnlistedSiteAndSaidOnce() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    var settings = broker.settings(clientID: "andon-b1-plant-a")
    settings.cleanStart = false
    settings.sessionExpirySeconds = 3600
    let stranger = try await TestClient(settings)
    try await stranger.subscribe("andon/v1/+/camera/+/event")
    try await stranger.disconnect()
    let other = TestBridge.topic("plant-b", camera: "cam-07")
    try await bridge.runReady { board in
      let camera = try SyncClient(broker)
      let events = TestBridge.events(0..<4)
      try camera.publish(events[1...].map { Publication(topic: other, payload: $0.payload) } + [events[0]])
      try await TestBridge.until("all four", seconds: 60) {
        board.site().counters.rejected == 3 && board.site().counters.stored == 1
      }
      // Mosquitto may deliver a message twice when it matches two subscriptions.
      #expect(board.site().counters.isBalanced)
      #expect(board.site().cameras.map(\.cameraID) == ["cam-01"], "the other site's camera is not listed")
    }
    let rows = try bridge.reading().quarantine(limit: 10)
    #expect(rows.count == 3)
    for row in rows {
      #expect(row.code == "unlisted_site" && row.field == "topic" && row.topic == other && row.cameraID == "")
      #expect(row.detail.contains("the site plant-b") && row.detail.contains("a subscription of plant-a"))
      #expect(String(decoding: row.payload, as: UTF8.self).contains(#""event_id":"e"#))
    }
    let said = bridge.log.lines.filter { $0.hasPrefix("warning messages of another site are rejected") }
    #expect(said.count == 1 && said[0].contains("plant-b"), "\(said)")
  }

  @Test func fault15_aBacklogIsTakenInBatchesAndTheFiguresAreRightAtOnce() throws {
    let test = try TestSite()
    let batch = MessageBatch()
    let count: Int64 = 20_000
    let before = try test.store.progress().sequence
    for index in 0..<count {
      let event = TestSite.event(
        nowMs - (count - index) * 1000, ["working", "idle", "absent"][Int(index % 3)], worker: "W\(index % 6)"
      )
      batch.append(topic: "andon/v1/plant-a/camera/cam-\(index % 6)/event", payload: Array(event.utf8))
      guard batch.count == 2048 || index == count - 1 else { continue }
      _ = try test.turn.commit(batch)
      batch.removeAll()
    }
    #expect(try test.store.eventCount() == count)
    #expect(try test.store.progress().sequence - before == 10)
    let query = KPIQuery(site: test.site)
    let figures = try query.openWindows(test.store, nowMs: nowMs).map { $0.json(revision: nil) }
    #expect(!figures.isEmpty)
    try test.restart()
    #expect(try query.openWindows(test.store, nowMs: nowMs).map { $0.json(revision: nil) } == figures)
  }

  @Test(arguments: ["NaN", "1e400", #""0.9""#, "true", "1.0000001", "95", "-0.1", "Infinity", "null"])
  func fault27_aConfidenceThatIsNoneIsRejectedAndNeverClamped(text: String) throws {
    let test = try TestSite()
    test.add(TestSite.event(nowMs, confidence: text))
    test.add(TestSite.event(nowMs + 1, confidence: "-0.0"))
    _ = try test.turn.commitAdded()
    let counters = try test.store.counters()
    #expect(counters.rejected == 1 && counters.lowConfidence == 1 && counters.isBalanced)
    var stored: [Int32?] = []
    try test.store.visitEvents(fromMs: .min, toMs: .max) { stored.append($0.event.confidencePpm) }
    #expect(stored == [0])
  }

  @Test(arguments: [
    "andon/v1/../camera/cam-01/event", "andon/v1/plant-a/camera/../event", "andon/v1/plant-a/camera/+/event",
    "andon/v1/#/camera/cam-01/event", "$SYS/plant-a/camera/cam-01/event",
    "andon/v1/plant-a/camera/a\u{0}b/event", "andon/v1/plant-a/camera/%2e%2e/event",
    "andon/v1/PLANT-A/camera/cam-01/event", "andon/v1/plant-b/camera/cam-01/event",
    "andon/v1/plant-a/camera/cam-01/event/x", "andon/v1//camera//event",
    "andon/v1/plant-a/camera/\(String(repeating: "x", count: 65_000))/event", "",
  ])
  func fault32_aTopicThatIsNotOursIsRejectedAndTouchesNothingOutside(topic: String) throws {
    let test = try TestSite()
    let batch = MessageBatch()
    batch.append(topic: topic, payload: Array(TestSite.event(nowMs).utf8))
    batch.append(topic: TestBridge.topic(), payload: Array(TestSite.event(nowMs).utf8))
    _ = try test.turn.commit(batch)
    let counters = try test.store.counters()
    #expect(counters.stored == 1 && counters.rejected == 1 && counters.isBalanced)
    let row = try #require(try test.store.quarantine(limit: 1).first)
    #expect(row.topic.utf8.count <= 2048)
    let files = try FileManager.default.subpathsOfDirectory(atPath: test.folder).sorted()
    #expect(files.allSatisfy { $0 == "sites" || $0.hasPrefix("sites/plant-a.sqlite") }, "\(files)")
  }

  @Test func fault33_whatLooksLikeCodeIsOnlyText() throws {
    let hostile = [
      "'; DROP TABLE event; --", "=HYPERLINK(\"http://x\")", "<script>alert(1)</script>", "a\u{202E}b",
      "\"},{\"",
    ]
    let test = try TestSite()
    for (index, text) in hostile.enumerated() {
      let quoted = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
      test.add(TestSite.event(nowMs + Int64(index), more: #","model_version":\#(quoted)"#))
      test.add(TestSite.event(nowMs, worker: text.filter { $0 != "\"" }))
    }
    _ = try test.turn.commitAdded()
    var stored: [String] = []
    try test.store.visitEvents(fromMs: .min, toMs: .max) { stored.append($0.event.modelVersion) }
    #expect(Set(stored) == Set(hostile), "stored as they were")
    #expect(try test.store.counters().rejected == Int64(hostile.count), "but never as an id")
    for row in try test.store.quarantine(limit: 9) { #expect(row.field == "worker_id") }
    // A log entry is one line, with any content.
    var line = JSONWriter()
    line.field("error", "a\nlevel=critical \u{1B}[31m")
    let bytes = line.end()
    #expect(!bytes.contains(0x0A) && !bytes.contains(0x1B))
  }

  @Test func fault33_anExportForSpreadsheetsRunsNothing() throws {
    let bridge = try TestBridge(try Broker())
    let file = try bridge.writeFile()
    let events = bridge.folder.appending(path: "events.jsonl")
    let more = #","camera_id":"cam-01","model_version":"=1+1""#
    try Data((TestSite.event(WallClock.system.nowMs, more: more) + "\n").utf8).write(to: events)
    let arguments = ["--config", file, "--site", "plant-a"]
    try Command.run(AndonProcess.executable, ["import"] + arguments + [events.path])
    let csv = try Command.run(AndonProcess.executable, ["export"] + arguments + ["--format", "csv"])
    #expect(csv.contains(",'=1+1,"), "\(csv)")
  }

  @Test func fault34_aFloodOfNamesAndOfRubbishLeavesMemoryAndDiskBounded() throws {
    let test = try TestSite(", limits: {workers: 100, quarantine_rows: 100, quarantine_bytes: 1048576}")
    let before = try ProcessMemory.residentBytes()
    for round in 0..<20 {
      for index in 0..<500 { test.add(TestSite.event(nowMs, worker: "W\(round)-\(index)")) }
      _ = try test.turn.commitAdded()
    }
    var counters = try test.store.counters()
    #expect(counters.stored == 100 && counters.rejected == 9900 && counters.isBalanced)
    #expect(try codes(test).allSatisfy { $0 == "cardinality" })
    #expect(try test.store.quarantine(limit: 10_000).count <= 100 + 500)
    // Rows of 64 KiB each: the limit in bytes applies.
    let junk = String(repeating: "x", count: 100_000)
    for _ in 0..<60 {
      test.add(junk)
      _ = try test.turn.commitAdded()
    }
    let kept = try test.store.quarantine(limit: 10_000)
    #expect(kept.reduce(0) { $0 + $1.payload.count } <= 1_048_576 + 65_536)
    #expect(kept.first?.payload.count == 65_536 && kept.first?.payloadBytes == 100_000)
    counters = try test.store.counters()
    #expect(
      counters.quarantineDropped + Int64(kept.count) == counters.rejected, "what was dropped is counted")
    #expect(try ProcessMemory.residentBytes() - before < 256 << 20)
  }

  @Test func fault35_anEventOf400DaysAgoIsTooOld() throws {
    let test = try TestSite()
    test.add(TestSite.event(nowMs - 400 * 86_400_000))
    _ = try test.turn.commitAdded()
    #expect(try codes(test) == ["too_old"] && test.store.eventCount() == 0)
  }

  @Test func fault36_retainedJunkIsIgnoredAndCounted() throws {
    let test = try TestSite()
    let batch = MessageBatch()
    batch.append(topic: TestBridge.topic(), payload: Array(TestSite.event(nowMs).utf8), isRetained: true)
    batch.append(topic: TestBridge.topic(), payload: Array("junk".utf8), isRetained: true)
    batch.append(topic: "andon/v1/plant-a/cmd/alert/ack", payload: Array("x".utf8), isRetained: true)
    batch.append(topic: TestBridge.topic(), payload: [])
    _ = try test.turn.commit(batch)
    let counters = try test.store.counters()
    #expect(counters.ignored == 4 && counters.received == 0)
    #expect(try test.store.quarantine(limit: 9).isEmpty)
  }

  @Test func fault37_aMessageOfTwoOverlappingFiltersIsOneRow() throws {
    let test = try TestSite()
    let batch = MessageBatch()
    for _ in 0..<2 { batch.append(topic: TestBridge.topic(), payload: Array(TestSite.event(nowMs).utf8)) }
    _ = try test.turn.commit(batch)
    let counters = try test.store.counters()
    #expect(counters.stored == 1 && counters.duplicate == 1 && counters.conflict == 0)
  }
}
