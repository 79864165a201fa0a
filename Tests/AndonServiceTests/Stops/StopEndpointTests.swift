import AndonConfiguration
import TestSupport
import Testing

/// Stops over HTTP, from a running bridge: a listed workstation without events stood for a whole shift.
@Suite(.ownThread) struct StopEndpointTests {
  @Test func stopsAreListedPagedAndSummed() throws {
    let site = try AccessSite([try AccessSite.user("lead", .lead)], workstations: ["S1", "S2"])
    func get(_ path: String) throws -> String {
      try site.get("/api/v1/sites/plant-a/\(path)", AccessSite.bearer("lead"))
    }
    // 2026-01-14, 06:00 to 14:00 UTC.
    let (startMs, endMs): (Int64, Int64) = (1_768_370_400_000, 1_768_399_200_000)
    let range = "from=\(startMs)&to=\(endMs)"
    let all = try get("stops?\(range)")
    let stop =
      #""stop_id":"S1:\#(startMs)","site_id":"plant-a","workstation_id":"S1","start_ms":\#(startMs),"end_ms":\#(endMs),"#
      + #""open":false,"duration_s":28800.000,"kind":"no_data","shift_id":"early""#
    #expect(all.contains(" 200 ") && all.contains(stop) && all.contains("\"S2:\(startMs)\""), "\(all)")
    let first = try get("stops?\(range)&limit=1")
    #expect(first.contains(stop) && first.contains("\"next_cursor\":\"\(startMs):S1\""), "\(first)")
    let second = try get("stops?\(range)&limit=1&cursor=\(startMs):S1")
    #expect(second.contains("S2:") && !second.contains("S1:") && !second.contains("next_cursor"), "\(second)")
    let none = #""items":[]"#
    #expect(try get("stops?\(range)&open=true").contains(none))
    #expect(try get("stops?\(range)&as_of=\(startMs + 600_000)&open=true&workstation=S2").contains("600.000"))
    #expect(try get("stops?\(range)&workstation=S9").contains(none))
    let sums = try get("stops/pareto?\(range)")
    #expect(
      sums.contains(
        #"{"id":"S1","stops":1,"stop_s":28800.000,"share_pct":50.00,"cumulative_pct":50.00}"#), "\(sums)")
    #expect(try get("stops?\(range)&line=l9").contains("unknown_line"))
    #expect(try get("stops?from=0&to=\(endMs)").contains(" 400 "))
    #expect(try get("stops?\(range)&cursor=x").contains(" 400 "))
  }

  @Test func aReasonIsGivenAndATargetForSomethingUnknownIsNotFound() throws {
    let site = try AccessSite(
      [try AccessSite.user("lead", .lead)], more: "stops: {reasons: [{id: material, name: No material}]}",
      workstations: ["S1"])
    let startMs: Int64 = 1_768_370_400_000
    func post(_ path: String) throws -> String {
      try site.post("/api/v1/sites/plant-a/\(path)", AccessSite.bearer("lead"))
    }
    let answer = try post("stops/reason?stop_id=S1:\(startMs)&reason=material&comment=no%20coil")
    #expect(answer.contains(" 200 ") && answer.contains(#""ok":true"#), "\(answer)")
    let stops = try site.get(
      "/api/v1/sites/plant-a/stops?from=\(startMs)&to=\(startMs + 28_800_000)", AccessSite.bearer("lead"))
    #expect(
      stops.contains(
        #""reason":"material","reason_name":"No material","planned":false,"comment":"no coil","by":"lead","by_verified":true"#
      ), "\(stops)")
    for (query, code) in [
      ("scope=workstation&id=S9", "unknown_workstation"), ("scope=site&id=plant-b", "unknown_site"),
      ("scope=line&id=l9", "unknown_line"),
    ] {
      let refused = try post("targets/set?\(query)&units_per_hour=5")
      #expect(refused.contains(" 404 ") && refused.contains(code), "\(refused)")
    }
  }
}
