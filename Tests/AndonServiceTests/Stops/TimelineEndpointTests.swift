import AndonConfiguration
import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonRuntime
@testable import AndonStore

/// Timelines over HTTP, from a running bridge.
@Suite(.ownThread) struct TimelineEndpointTests {
  @Test func timelinesAreListedPagedAndLogged() throws {
    let site = try AccessSite(
      [
        try AccessSite.user("vic", .viewer), try AccessSite.user("lead", .lead),
        try AccessSite.user("otto", .operator),
      ],
      workstations: ["S1", "S2"])
    let startMs = WallClock.system.nowMs - 120_000
    let events = [
      TestSite.event(startMs), TestSite.event(startMs + 10_000, "idle"),
      TestSite.event(startMs + 20_000, "absent"),
    ]
    let posted = try site.post(
      "/api/v1/sites/plant-a/cameras/cam-01/events", AccessSite.bearer("otto"),
      body: "[\(events.joined(separator: ","))]")
    #expect(posted.contains(#""stored":3"#), "\(posted)")
    func get(_ query: String, _ user: String = "vic") throws -> String {
      try site.get("/api/v1/sites/plant-a/timeline?\(query)", AccessSite.bearer(user))
    }
    let range = "from=\(startMs)&to=\(startMs + 30_000)"
    func run(_ station: String, _ from: Int, _ to: Int, _ state: String, _ workers: String = "") -> String {
      #"{"workstation_id":"\#(station)","start_ms":\#(startMs + Int64(from)),"end_ms":\#(startMs + Int64(to)),"state":"\#(state)"\#(workers)}"#
    }
    let one = #","workers":1"#
    let rows = [
      run("S1", 0, 10_000, "working", one), run("S1", 10_000, 20_000, "idle", one),
      run("S1", 20_000, 30_000, "vacant"),
    ]
    #expect(try get("scope=workstation&id=S1&\(range)").contains("[\(rows.joined(separator: ","))]"))
    // Of the site every row, also of the workstation without events.
    let all = try get(range)
    #expect(
      all.contains(rows.joined(separator: ",")) && all.contains(run("S2", 0, 30_000, "no_data")), "\(all)")
    let first = try get("\(range)&limit=1")
    #expect(first.contains("[\(rows[0])],\"next_cursor\":\"\(startMs):S1\""), "\(first)")
    let rest = try get("\(range)&cursor=\(startMs):S1")
    #expect(rest.contains("[\(rows[1]),\(rows[2]),{") && !rest.contains("next_cursor"), "\(rest)")
    // A worker's timeline is for those who may see workers, and each look has a row.
    let own = "scope=worker&id=W1&\(range)"
    #expect(try get(own).contains(" 403 "))
    let worker = try get(own, "lead")
    #expect(
      worker.contains(run("S1", 0, 10_000, "working")) && worker.contains(#""state":"absent"}]"#), "\(worker)"
    )
    let store = try SiteStore.openForReading(
      path: "\(site.folder.path)/data/sites/plant-a.sqlite", siteID: "plant-a")
    var looks: [AccessRow] = []
    try store.visitAccessLog(fromMs: .min, toMs: .max) { looks.append($0) }
    #expect(looks.map(\.operation) == ["listTimeline"] && looks.first?.workerID == "W1")
    #expect(try get("scope=line&id=l9&\(range)").contains("unknown_line"))
    #expect(try get("scope=line&\(range)").contains(" 400 ") && get("id=S1&\(range)").contains(" 400 "))
    #expect(try get("from=0&to=\(startMs)").contains(" 400 ") && get("\(range)&cursor=x").contains(" 400 "))
  }
}
