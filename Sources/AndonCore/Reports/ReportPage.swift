/// A report as a page for people and for paper: HTML without scripts and without anything from elsewhere, one sheet of A4.
///
/// Every row has one line of a fixed height, so a page holds a fixed number of them; what does not fit is counted.
package struct ReportPage: Sendable {
  let report: ShiftReport
  let names: SiteNames
  let clock: SiteCalendar
  let language: PageLanguage
  let words: ReportWords
  let limits: ReportPageLimits

  /// - Parameters:
  ///   - clock: of the site, for its wall clock.
  ///   - names: of the site and its parts.
  package init(_ report: ShiftReport, names: SiteNames, clock: SiteCalendar, language: PageLanguage) {
    (self.report, self.names, self.clock, self.language) = (report, names, clock, language)
    words = ReportWords.words(language)
    limits = ReportPageLimits(report)
  }

  /// UTF-8. O(rows of the report).
  package var html: [UInt8] {
    Array(
      """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(title)) · \(escaped(shift)) · \(date(report.figures.window.startMs))</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <main>
      \(head)
      \(hours)
      <div class="columns">
      \(stops)
      <div>
      \(losses)
      \(alerts)
      \(gaps)
      </div>
      </div>
      <footer>Andon · \(words.asOf) \(dateAndTime(report.figures.nowMs))</footer>
      </main>
      </body>
      </html>

      """.utf8)
  }

  // MARK: Names

  private var title: String {
    let site = names.site ?? names.siteID
    guard report.figures.scope == .line else { return site }
    return "\(site) · \(names.layout.line(report.figures.id)?.name ?? report.figures.id)"
  }

  private var shift: String {
    let id = report.figures.window.shiftID ?? ""
    let line = report.figures.scope == .line ? report.figures.id : nil
    let own = names.shifts.first { $0.id == id && $0.lineID == line && line != nil }
    let found = own ?? names.shifts.first { $0.id == id && $0.lineID == nil }
    return found?.name ?? "\(words.shift) \(id)"
  }

  func station(_ id: String) -> String { escaped(names.workstation(id) ?? id) }

  func escaped(_ text: String) -> String { HTMLText.escaped(text) }

  // MARK: Numbers and times

  /// With groups of three digits.
  func number(_ value: Int64) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += words.groups }
      text.append(digit)
    }
    return value < 0 ? "−" + text : text
  }

  func signed(_ value: Int64) -> String { value > 0 ? "+" + number(value) : number(value) }

  /// Hundredths of a per cent with one place, rounded half up.
  func percent(_ hundredths: Int64) -> String {
    let tenths = (hundredths + 5) / 10
    return "\(number(tenths / 10))\(words.decimalPoint)\(tenths % 10) %"
  }

  /// Minutes, rounded half up.
  func minutes(_ ms: Int64) -> String { number((ms + 30_000) / 60_000) }

  func date(_ ms: Int64) -> String {
    let parts = clock.localText(ms).prefix(10).split(separator: "-")
    return parts.count == 3 ? words.date(parts[0], parts[1], parts[2]) : ""
  }

  func time(_ ms: Int64) -> String { String(clock.localText(ms).dropFirst(11).prefix(5)) }

  func dateAndTime(_ ms: Int64) -> String { "\(date(ms)) \(time(ms))" }

  // MARK: Head

  private var head: String {
    let (record, window) = (report.figures, report.figures.window)
    return """
      <header>
      <h1>\(escaped(title))</h1>
      <p>\(escaped(shift)) · \(date(window.startMs)) · \(time(window.startMs))–\(time(window.endMs)) \
      (\(escaped(names.timeZone)))</p>
      <p class="quiet">\(record.isFinal ? words.final : words.running)</p>
      </header>
      <section class="figures">
      \(headline)
      <dl>\(tiles)</dl>
      </section>
      """
  }

  private var headline: String {
    if report.figures.isWithheld { return "<p class=\"headline\">\(words.withheld)</p>" }
    guard let gap = report.figures[.gapUnits] else {
      return "<p class=\"headline\">\(number(report.figures[.units] ?? 0)) \(words.made)</p>"
    }
    let (kind, text) =
      gap < 0
      ? ("behind", "▼ \(number(-gap)) \(words.behind)")
      : gap > 0 ? ("ahead", "▲ \(number(gap)) \(words.ahead)") : ("ahead", "● \(words.onPlan)")
    return "<p class=\"headline \(kind)\">\(text)</p>"
  }

  private var tiles: String {
    let record = report.figures
    let shown: [KPIMetric] =
      [.units, .targetUnits, .pace] + (record.isFinal ? [] : [.forecastUnits])
      + [.utilization, .availability, .coverage]
    var tiles = shown.compactMap { metric -> (String, String)? in
      guard let value = record[metric] else { return nil }
      return (words.figures[metric] ?? metric.rawValue, metric.digits == 0 ? number(value) : percent(value))
    }
    if let stopMs = record[.stop] { tiles.append((words.stopTime, "\(minutes(stopMs)) min")) }
    return tiles.map { "<div><dt>\($0)</dt><dd>\($1)</dd></div>" }.joined()
  }
}
