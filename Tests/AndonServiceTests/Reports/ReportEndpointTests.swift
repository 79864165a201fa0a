import AndonConfiguration
import TestSupport
import Testing

@testable import AndonCore
@testable import AndonHTTP

/// The report and the comparison over HTTP, from a running bridge.
@Suite(.ownThread) struct ReportEndpointTests {
  /// 2026-01-14, 06:00 UTC: the early shift begins.
  private static let startMs: Int64 = 1_768_370_400_000
  private static let browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"

  @Test func aBrowserGetsAPageAndAProgramJSON() throws {
    let site = try AccessSite([try AccessSite.user("viewer", .viewer)], workstations: ["S1", "S2"])
    let path = "/api/v1/sites/plant-a/reports/shift?at=\(Self.startMs + 60_000)"
    func get(_ more: String, _ headers: String = "") throws -> String {
      try site.get(path + more, AccessSite.bearer("viewer") + headers)
    }
    for headers in ["", "Accept: */*\r\n", "Accept: application/json, text/html;q=0.9\r\n"] {
      let json = try get("", headers)
      #expect(json.contains("application/json") && json.contains(#""shift_id":"early""#), "\(json)")
      #expect(json.contains("Vary: Accept, Accept-Language"), "\(json)")
      #expect(json.contains("script-src 'self'"))
    }
    let page = try get("", Self.browser)
    #expect(page.contains("Content-Type: text/html; charset=utf-8") && page.contains("<html lang=\"en\">"))
    #expect(page.contains("Content-Language: en") && page.contains("Vary: Accept, Accept-Language"))
    let policy = "default-src 'none'; style-src 'sha256-"
    #expect(
      page.contains(policy) && !page.contains("unsafe") && !page.contains("script-src"), "\(page.prefix(900))"
    )
    #expect(page.contains("<h1>plant-a</h1>") && page.contains("2026-01-14 · 06:00–14:00 (UTC)"))
    #expect(try get("", Self.browser + "Accept-Language: de-CH, en;q=0.4\r\n").contains("Stillstände"))
    let asked = try get("&lang=de", Self.browser)
    #expect(
      asked.contains("Content-Language: de") && !asked.contains("Accept-Language"), "\(asked.prefix(600))")
    #expect(try get("&lang=fr", Self.browser).contains(" 400 "))
    // The hours are a list, not a page.
    let hours = try site.get(
      "/api/v1/sites/plant-a/reports/shift/hours?at=\(Self.startMs)",
      AccessSite.bearer("viewer") + Self.browser)
    #expect(hours.contains("application/json"))
  }

  @Test func windowsAreCompared() throws {
    let site = try AccessSite([try AccessSite.user("viewer", .viewer)], workstations: ["S1"])
    func get(_ query: String) throws -> String {
      try site.get("/api/v1/sites/plant-a/compare?\(query)", AccessSite.bearer("viewer"))
    }
    let (a, b) = (Self.startMs, Self.startMs + 7_200_000)
    let hours = try get("window=hour&a=\(a)&b=\(b)")
    #expect(
      hours.contains(" 200 ") && hours.contains(#""window_start_ms":\#(a)"#)
        && hours.contains(#""window_start_ms":\#(b)"#) && hours.contains(#""diff_units":0"#), "\(hours)")
    let weeks = try get("weeks=2&at=\(a)")
    #expect(weeks.ranges(of: "\"window\":\"shift\"").count == 3, "\(weeks)")
    #expect(weeks.contains(#""window_start_ms":\#(a - 14 * 86_400_000)"#), "\(weeks)")
    for (query, answer) in [
      ("weeks=2&a=\(a)", "bad_parameter"), ("a=\(a)", "bad_parameter"), ("weeks=53", "bad_parameter"),
      ("weeks=1&window=day", "bad_parameter"), ("window=hour&a=\(a)&b=\(b)&at=1", "bad_parameter"),
      ("weeks=1&scope=worker&id=W1", "bad_parameter"), ("weeks=1&scope=line&id=l9", "unknown_line"),
      ("weeks=1&scope=area&id=x", "unknown_area"), ("weeks=1&scope=line", "bad_parameter"),
      ("a=\(a)&b=\(a - 60_000)", "no_figures"),
    ] { #expect(try get(query).contains(answer), "\(query)") }
    // The one as CSV.
    let csv = try site.get(
      "/api/v1/sites/plant-a/compare?weeks=1&at=\(a)", AccessSite.bearer("viewer") + "Accept: text/csv\r\n")
    #expect(csv.contains("text/csv") && csv.contains("diff_units"), "\(csv.prefix(500))")
  }
}
