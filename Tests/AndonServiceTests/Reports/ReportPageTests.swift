import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonCore

/// The printed report: everything escaped, nothing from elsewhere, and never more lines than its sheet has.
@Suite(.seeded) struct ReportPageTests {
  private static let hourMs: Int64 = 3_600_000
  private static let startMs = TestSite.nowMs - 15_300_000
  private static let nasty = #"<b>"S1" & 'x'</b>"#

  private func settings() throws -> SiteSettings {
    try SettingsLoader.parse(
      yaml: """
        bridge: {id: b1, data_dir: /tmp/x}
        sites: [{id: plant-a, name: "Plant <A>", timezone: Europe/Berlin,
          workstations: {S1: {name: '\(Self.nasty.replacing("'", with: "''"))'}},
          areas: [{id: hall, lines: [{id: l1, name: "Line & 1", workstations: [S1]}]}],
          shifts: [{id: early, name: "Early <i>", start: "06:00", end: "14:00"}],
          stops: {reasons: [{id: material, name: "No <material>", planned: true}]}}]
        """, file: "test.yaml", environment: [:]
    ).sites[0]
  }

  private func report(
    hours: Int, stops: Int, leftOut: Int64 = 0, losses: Int = 0, alerts: Int = 0, gaps: Int = 0,
    _ site: SiteSettings
  ) -> ShiftReport {
    let endMs = Self.startMs + Int64(hours) * Self.hourMs
    let window = Window(kind: .shift, startMs: Self.startMs, endMs: endMs, shiftID: "early")
    let values: [(KPIMetric, Int64)] = [
      (.coverage, 9955), (.units, 5476), (.targetUnits, 5788), (.gapUnits, -312), (.pace, 9461),
    ]
    var report = ShiftReport(
      KPIRecord(
        siteID: "plant-a", scope: .line, id: "l1", window: window, nowMs: endMs + 1,
        values: values.map { KPIRecord.Value(metric: $0, scaled: $1) }, state: nil, workstationID: nil,
        lastEventMs: nil, quality: .good))
    let records = (0..<stops).map { number in
      let startMs = Self.startMs + Int64(number) * 60_000
      let stop = Stop(
        workstationID: "S1", shiftID: "early", startMs: startMs, endMs: startMs + 1000 * Int64(number + 1),
        isOpen: false, durationMs: 1000 * Int64(number + 1), kind: .idle, isMicro: false)
      let given = GivenReason(
        workstationID: "S1", startMs: startMs, endMs: nil, reasonID: "material", comment: Self.nasty, by: "m",
        atMs: endMs)
      return StopRecord(StopPart(stop, insideMs: 8, given: given), of: site)
    }
    report.hours = (0..<hours).map { hour in
      let startMs = Self.startMs + Int64(hour) * Self.hourMs
      return ReportHour(
        startMs: startMs, endMs: startMs + Self.hourMs, units: 1902, targetUnits: 1880, totalGapUnits: 22,
        largest: records.last, largestMs: 60_000)
    }
    report.stops = records
    report.stopsLeftOut = leftOut
    report.pareto = (0..<losses).map { StopParetoRow(id: $0 == 0 ? nil : "r\($0)", stops: 3, stopMs: 90_000) }
    report.alerts = (0..<alerts).map {
      ReportAlert(alertID: "plant-a/drift/cam-<\($0)>", calls: 2, firstMs: Self.startMs, lastMs: endMs)
    }
    report.gaps = (0..<gaps).map {
      ReportGap(cause: "sequence", cameraID: "cam-\($0)", fromMs: Self.startMs, toMs: endMs)
    }
    return report
  }

  private func page(_ report: ShiftReport, _ site: SiteSettings, _ language: PageLanguage = .english)
    -> String
  {
    String(
      decoding: ReportPage(
        report, names: site.names, clock: SiteCalendars(site).site, language: language
      ).html, as: UTF8.self)
  }

  @Test func everyTextIsEscapedAndNothingRunsOrIsFetched() throws {
    let site = try settings()
    for language in PageLanguage.allCases {
      let page = page(
        report(hours: 8, stops: 3, losses: 2, alerts: 2, gaps: 1, site), site, language)
      for raw in [Self.nasty, "<b>", "Plant <A>", "Line & 1", "Early <i>", "No <material>", "cam-<0>"] {
        #expect(!page.contains(raw), "\(raw)")
      }
      for shown in [
        "&lt;b&gt;&quot;S1&quot; &amp; &#39;x&#39;&lt;/b&gt;", "Plant &lt;A&gt;", "Line &amp; 1",
        "Early &lt;i&gt;",
        "No &lt;material&gt;", "cam-&lt;0&gt;",
      ] { #expect(page.contains(shown), "\(shown)") }
      for danger in ["<script", "http:", "https:", "style=", "onclick", "url(", "@import", "<link"] {
        #expect(!page.contains(danger), "\(danger)")
      }
      #expect(page.hasPrefix("<!doctype html>\n<html lang=\"\(language.rawValue)\">"))
    }
  }

  @Test func itSpeaksBothLanguages() throws {
    let site = try settings()
    let report = report(hours: 8, stops: 50, leftOut: 1234, site)
    let (english, german) = (page(report, site), page(report, site, .german))
    // 06:00 UTC in Berlin.
    for text in ["▼ 312 units behind", "5,476", "94.6 %", "2026-01-15 · 07:00–15:00", "and 1,253 more"] {
      #expect(english.contains(text), "\(text)")
    }
    for text in [
      "▼ 312 Stück im Rückstand", "5.476", "94,6 %", "15.01.2026 · 07:00–15:00", "und 1.253 weitere",
    ] {
      #expect(german.contains(text), "\(text)")
    }
  }

  /// However much there is of everything: no list is longer than its column, and each says what it leaves out.
  @Test(arguments: 0..<400) func theRowsFitOnOneSheet(part: Int) throws {
    var random = SeededRandom(state: Seed.one &+ UInt64(part))
    func below(_ limit: UInt64) -> Int { Int(random.next() % limit) }
    let counts = (
      hours: 1 + below(25), stops: below(201), losses: below(101), alerts: below(60), gaps: below(60)
    )
    let limits = ReportPageLimits(
      hours: counts.hours, stops: counts.stops, losses: counts.losses, alerts: counts.alerts,
      gaps: counts.gaps)
    #expect(limits.hours == counts.hours)
    func lines(_ shown: Int, _ count: Int) -> Int { max(1, shown) + (shown < count ? 1 : 0) }
    let left = 40 - counts.hours
    #expect(lines(limits.stops, counts.stops) <= left && (limits.stops > 8 || limits.stops == counts.stops))
    let other =
      lines(limits.losses, counts.losses) + 3 + lines(limits.alerts, counts.alerts) + 3
      + lines(limits.gaps, counts.gaps)
    #expect(other <= left, "\(counts) \(limits)")
    for (shown, count) in [
      (limits.losses, counts.losses), (limits.alerts, counts.alerts), (limits.gaps, counts.gaps),
    ] {
      #expect(shown <= count && (shown > 0 || count == 0), "\(counts) \(limits)")
    }
  }

  /// Rows of the page and what it says it leaves out are all that there is.
  @Test func whatIsLeftOutIsCounted() throws {
    let site = try settings()
    let report = report(hours: 8, stops: 200, leftOut: 7, losses: 40, alerts: 40, gaps: 40, site)
    let page = page(report, site)
    let limits = ReportPageLimits(report)
    #expect(
      page.ranges(of: "<tr><td").count == 8 + limits.stops + limits.losses + limits.alerts + limits.gaps)
    for left in [207 - limits.stops, 40 - limits.losses, 40 - limits.alerts, 40 - limits.gaps] {
      #expect(page.contains("<p>and \(left) more</p>"), "\(left)")
    }
    // The longest stops stay: the last ones.
    #expect(page.contains("<td class=\"t\">10:19–"))
    // To look at it: chromium --headless=new --no-sandbox --print-to-pdf=FILE PAGE.
    if let file = ProcessInfo.processInfo.environment["ANDON_REPORT_PAGE"] {
      try page.write(toFile: file, atomically: true, encoding: .utf8)
    }
  }
}
