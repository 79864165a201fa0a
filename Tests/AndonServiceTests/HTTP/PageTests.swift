import AndonCore
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Compares pages of events with all events, sorted.
@Suite(.ownThread, .seeded) struct PageTests {
  private let site: TestSite

  init() throws {
    site = try TestSite()
    var random = SplitMix64(seed: Seed.one)
    let kinds = ["working", "idle", "absent"]
    for _ in 0..<600 {
      let at = TestSite.nowMs - Int64.random(in: 1...200, using: &random) * 100
      let worker = "W\(Int.random(in: 1...9, using: &random))"
      let version = "v\(Int.random(in: 1...3, using: &random))"
      site.add(
        TestSite.event(
          at, kinds[Int.random(in: 0...2, using: &random)], worker: worker,
          more: #","event_id":"e\#(Int.random(in: 1...9, using: &random))","model_version":"\#(version)""#),
        camera: "cam-0\(Int.random(in: 1...4, using: &random))")
    }
    _ = try site.turn.commitAdded()
  }

  private func plain(_ isIn: (StoredEvent) -> Bool) throws -> [StoredEvent] {
    var all: [StoredEvent] = []
    try site.store.visitEvents(fromMs: 0, toMs: .max) { all.append($0) }
    let times = all.map(\.event.timestampMs)
    #expect(times == times.sorted() && all.count == Set(all.map { EventCursor($0.event) }).count)
    return all.filter(isIn).reversed()
  }

  private func paged(_ query: EventQuery) throws -> [StoredEvent] {
    var query = query
    var all: [StoredEvent] = []
    while true {
      let page = try site.store.events(query)
      #expect(page.events.count <= query.limit)
      all += page.events
      guard page.hasMore, let last = page.events.last else { return all }
      let cursor = EventCursor(last.event)
      #expect(EventCursor(text: cursor.text) == cursor)
      query.after = cursor
    }
  }

  @Test(arguments: [1, 7, 100, 1000]) func pagesTogetherAreEverything(_ limit: Int) throws {
    let query = EventQuery(fromMs: 0, toMs: .max, limit: limit)
    #expect(try paged(query) == plain { _ in true })
  }

  @Test func filters() throws {
    var query = EventQuery(fromMs: TestSite.nowMs - 9000, toMs: TestSite.nowMs - 3000, limit: 13)
    let range = query.fromMs..<query.toMs
    #expect(try paged(query) == plain { range.contains($0.event.timestampMs) })
    query.cameraID = "cam-02"
    #expect(try paged(query) == plain { range.contains($0.event.timestampMs) && $0.cameraID == "cam-02" })
    query.workerID = "W3"
    #expect(
      try paged(query)
        == plain {
          range.contains($0.event.timestampMs) && $0.cameraID == "cam-02" && $0.event.workerID == "W3"
        })
    query.workstationID = "S2"
    #expect(try paged(query).isEmpty)
  }

  @Test(arguments: ["", "x", "!!!", "MTIz", String(repeating: "a", count: 600)])
  func foreignCursorsAreRefused(_ text: String) { #expect(EventCursor(text: text) == nil) }

  @Test func modelReportsAddUp() throws {
    let reports = try site.store.models(fromMs: 0, toMs: .max, stepMs: 60_000)
    let all = try plain { _ in true }
    #expect(reports.reduce(0) { $0 + $1.samples } == Int64(all.count))
    for report in reports {
      let own = all.filter {
        $0.cameraID == report.key.cameraID && $0.event.modelVersion == report.key.modelVersion
      }
      #expect(report.samples == Int64(own.count) && report.histogram.reduce(0, +) == report.samples)
      #expect(report.sumPpm == own.reduce(0) { $0 + Int64($1.event.confidencePpm ?? 0) })
      #expect(report.trend.reduce(0) { $0 + $1.samples } == report.samples)
      #expect(report.histogram[18] == report.samples, "all of them are 0.9")
    }
  }

  @Test func quarantinePages() throws {
    for number in 0..<5 { site.add("bad \(number)", camera: number % 2 == 0 ? "cam-01" : "cam-02") }
    _ = try site.turn.commitAdded()
    let rows = try site.store.quarantine(before: nil, camera: nil, code: nil, limit: 3, payloadLimit: 4)
    #expect(rows.map { String(decoding: $0.payload, as: UTF8.self) } == ["bad ", "bad ", "bad "])
    #expect(rows[0].payloadBytes == 5 && rows[0].id > rows[2].id)
    let rest = try site.store.quarantine(
      before: rows[2].id, camera: "cam-01", code: "json", limit: 10, payloadLimit: 99)
    #expect(rest.map { String(decoding: $0.payload, as: UTF8.self) } == ["bad 0"])
    #expect(try site.store.quarantineCounts().map(\.rows) == [5])
  }
}
