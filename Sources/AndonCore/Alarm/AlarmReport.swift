/// How well a site's alerts work, measured from the journal, beside the bars of EEMUA 191 and ISA-18.2.
///
/// A value that reads the journal's rows in order; `json` gives the figures. Times are those of the clock when a row was
/// recorded: what a person at the panel saw. Memory: alerts + days + 10-minute bins with a raise.
public struct AlarmReport: Sendable {
  public let fromMs: Int64
  public let toMs: Int64
  private let day: @Sendable (Int64) -> String
  private var alerts: Int64 = 0
  private var pages: Int64 = 0
  private var merged: Int64 = 0
  private var byDay: [String: (alerts: Int64, pages: Int64)] = [:]
  private var byClass: [String: ClassCount] = [:]
  private var byAlert: [String: Int64] = [:]
  private var bins: [Int64: Int64] = [:]
  private var hours: [Int64: Int64] = [:]
  /// The newest two raises of an alert, and how often a third came within ten minutes.
  private var recent: [String: [Int64]] = [:]
  private var chattering: [String: Int64] = [:]
  private var onSince: [Key: Int64] = [:]
  private var standing: [String: Int64] = [:]
  private var pagedAt: [Key: Int64] = [:]
  private var ackTimes: [Int64] = []
  private var verdicts: [String: (alertClass: String, isFalse: Bool)] = [:]

  private struct Key: Hashable {
    var alertID: String
    var modelVersion: String
  }

  private struct ClassCount {
    var alerts: Int64 = 0
    var pages: Int64 = 0
    var acknowledged: Int64 = 0
  }

  static let binMs: Int64 = 600_000
  static let floodAbove: Int64 = 10
  static let chatterRaises = 3
  static let standingMs: Int64 = 86_400_000
  static let listed = 10
  /// Of EEMUA 191 (third edition) and ISA-18.2, for one operator: most likely acceptable, and the most that can be managed.
  static let bars: [(name: String, value: Int64)] = [
    ("alerts_per_day_acceptable", 150), ("alerts_per_day_most", 300), ("alerts_per_hour_acceptable", 6),
    ("alerts_per_hour_most", 12), ("flood_pct", 1), ("top_ten_pct", 5), ("chattering", 0), ("standing", 5),
  ]

  /// - Parameters:
  ///   - day: The site's local date of an instant.
  public init(fromMs: Int64, toMs: Int64, day: @escaping @Sendable (Int64) -> String) {
    self.fromMs = fromMs
    self.toMs = toMs
    self.day = day
  }

  /// Rows must come in the journal's order, from its beginning: a standing alert may be older than the range.
  public mutating func add(_ row: AlarmReportRow) {
    guard row.notedMs < toMs else { return }
    let key = Key(alertID: row.alertID, modelVersion: row.modelVersion)
    let isIn = row.notedMs >= fromMs
    recordCondition(row, key)
    if isIn { merged += row.count - 1 }
    if row.page { pagedAt[key] = pagedAt[key] ?? row.notedMs }
    if isIn, row.page {
      pages += 1
      byDay[day(row.notedMs), default: (0, 0)].pages += 1
      byClass[row.alertClass, default: ClassCount()].pages += 1
    }
    if isIn, row.isRaise { addRaise(row) }
    if row.event == "acknowledged", let pagedMs = pagedAt.removeValue(forKey: key), isIn {
      ackTimes.append(max(0, row.notedMs - pagedMs))
      byClass[row.alertClass, default: ClassCount()].acknowledged += 1
    }
    if isIn, row.event == "false_alarm" || row.event == "confirmed" {
      verdicts[row.occurrenceID] = (row.alertClass, row.event == "false_alarm")
    }
    // Over without an acknowledgement: a later one is not about this page.
    if !row.isOn, row.state != "rtn_unack" { pagedAt[key] = nil }
  }

  private mutating func addRaise(_ row: AlarmReportRow) {
    alerts += 1
    byDay[day(row.notedMs), default: (0, 0)].alerts += 1
    byClass[row.alertClass, default: ClassCount()].alerts += 1
    byAlert[row.alertID, default: 0] += 1
    bins[row.notedMs / Self.binMs, default: 0] += 1
    hours[row.notedMs / 3_600_000, default: 0] += 1
    var times = recent[row.alertID, default: []].suffix(Self.chatterRaises - 1)
    times.append(row.notedMs)
    recent[row.alertID] = Array(times)
    if times.count == Self.chatterRaises, let first = times.first, row.notedMs - first <= Self.binMs {
      chattering[row.alertID, default: 0] += 1
    }
  }

  /// When the condition began and ended, also before the range.
  private mutating func recordCondition(_ row: AlarmReportRow, _ key: Key) {
    if row.isOn {
      onSince[key] = onSince[key] ?? row.notedMs
    } else if let since = onSince.removeValue(forKey: key) {
      recordStanding(row.alertID, since, row.notedMs)
    }
  }

  private mutating func recordStanding(_ alertID: String, _ sinceMs: Int64, _ untilMs: Int64) {
    guard untilMs > fromMs, untilMs - sinceMs > Self.standingMs else { return }
    standing[alertID] = max(standing[alertID] ?? 0, untilMs - sinceMs)
  }

  // MARK: Figures

  /// Ends the report: what still holds counts until the end of the range, or until now where that is earlier.
  public mutating func end(nowMs: Int64) {
    for (key, since) in onSince { recordStanding(key.alertID, since, min(toMs, nowMs)) }
    onSince = [:]
  }

  private var rangeMs: Int64 { max(1, toMs - fromMs) }

  /// Hundredths, rounded down.
  private func per(_ count: Int64, _ ms: Int64) -> ScaledNumber {
    ScaledNumber(scaled: Self.ratio(count * 100, ms, rangeMs), digits: 2)
  }

  private static func ratio(_ count: Int64, _ numerator: Int64, _ denominator: Int64) -> Int64 {
    let product = count.multipliedFullWidth(by: numerator)
    return denominator.dividingFullWidth(product).quotient
  }

  private static func percent(_ part: Int64, _ whole: Int64) -> ScaledNumber? {
    whole > 0 ? ScaledNumber(scaled: part * 10_000 / whole, digits: 2) : nil
  }

  /// The bins that the range touches, aligned to full ten minutes of UTC.
  private var binCount: Int64 {
    guard toMs > fromMs else { return 0 }
    return (toMs - 1) / Self.binMs - fromMs / Self.binMs + 1
  }

  private var floods: Int64 { Int64(bins.values.count { $0 > Self.floodAbove }) }

  private static func ranked(_ counts: [String: Int64]) -> [(name: String, value: Int64)] {
    counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private var floodPercent: ScaledNumber? { Self.percent(floods, binCount) }

  /// The ten most frequent alerts with their raises.
  package var mostFrequent: [(name: String, value: Int64)] {
    Array(Self.ranked(byAlert).prefix(Self.listed))
  }

  private var topTenPercent: ScaledNumber? {
    Self.percent(mostFrequent.reduce(0) { $0 + $1.value }, alerts)
  }

  private var falseAlarms: Int64 { Int64(verdicts.values.count { $0.isFalse }) }

  private var falseAlarmPercent: ScaledNumber? { Self.percent(falseAlarms, Int64(verdicts.count)) }

  private var medianAckMs: Int64? {
    let sorted = ackTimes.sorted()
    guard let upper = sorted.dropFirst(sorted.count / 2).first else { return nil }
    return sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
  }

  /// The figures beside their bars: what, value, bar. For people.
  package var lines: [(what: String, value: String, bar: String)] {
    let hour: Int64 = 3_600_000
    func text(_ percent: ScaledNumber?) -> String { percent.map { "\($0.text) %" } ?? "–" }
    return [
      ("alerts", "\(alerts)", ""), ("pages", "\(pages)", ""),
      ("alerts a day", per(alerts, 24 * hour).text, "150, at most 300"),
      ("alerts an hour", per(alerts, hour).text, "6, at most 12"),
      ("pages a day", per(pages, 24 * hour).text, ""), ("pages an hour", per(pages, hour).text, ""),
      ("most in an hour", "\(hours.values.max() ?? 0)", ""),
      ("most in ten minutes", "\(bins.values.max() ?? 0)", "\(Self.floodAbove)"),
      ("spans of ten minutes in flood", text(floodPercent), "1 %"),
      ("share of the ten most frequent", text(topTenPercent), "5 %"),
      ("chattering", "\(chattering.count)", "0"), ("standing for more than a day", "\(standing.count)", "5"),
      ("median time to acknowledge", medianAckMs.map { "\($0 / 1000) s" } ?? "–", ""),
      ("judged false", text(falseAlarmPercent), ""),
    ]
  }

  // MARK: Payload

  public func json() -> [UInt8] { Self.payload.json(self, capacity: 4096) }

  /// Of the command `andon alerts report --json` and the same over HTTP.
  package static let payload = PayloadTable<AlarmReport>(
    "How well a site's alerts work, measured from the journal.",
    [
      .required("from_ms", .instant("The first instant")) { $0.fromMs },
      .required("to_ms", .instant("The first instant no longer in it")) { $0.toMs },
      .required("alerts", .count("Alerts that were raised, or raised again")) { $0.alerts },
      .required("pages", .count("Calls, repeated ones included")) { $0.pages },
      .required("merged", .count("Further transitions of alerts that chatter; not in the other figures")) {
        $0.merged
      },
      .required("alerts_per_hour", .number("Mean over the range")) { $0.per($0.alerts, 3_600_000) },
      .required("alerts_per_day", .number("Mean over the range")) { $0.per($0.alerts, 86_400_000) },
      .required("pages_per_hour", .number("Mean over the range")) { $0.per($0.pages, 3_600_000) },
      .required("pages_per_day", .number("Mean over the range")) { $0.per($0.pages, 86_400_000) },
      .required("most_in_an_hour", .count("Alerts of the worst hour of UTC")) { $0.hours.values.max() ?? 0 },
      .required("most_in_ten_minutes", .count("Alerts of the worst ten minutes")) {
        $0.bins.values.max() ?? 0
      },
      .required("bins", .count("Spans of ten minutes of the range")) { $0.binCount },
      .required("bins_in_flood", .count("Those with more than ten alerts")) { $0.floods },
      .optional("flood_pct", .number("Their share")) { $0.floodPercent },
      .optional("top_ten_pct", .number("Share of the ten most frequent alerts")) { $0.topTenPercent },
      .optional("median_ack_s", .count("From the first page to the acknowledgement, seconds")) {
        $0.medianAckMs.map { $0 / 1000 }
      },
      .required("acknowledged", .count("Pages that were acknowledged")) { Int64($0.ackTimes.count) },
      .required("judged", .count("Occurrences that a person judged")) { Int64($0.verdicts.count) },
      .required("false_alarms", .count("Those judged false")) { $0.falseAlarms },
      .optional("false_alarm_pct", .number("Their share")) { $0.falseAlarmPercent },
      .required(
        "most_frequent", .map("The ten most frequent alerts, with their raises", of: .count("Raises"))
      ) {
        $0.mostFrequent
      },
      .required(
        "chattering", .map("Alerts with three raises within ten minutes, and how often", of: .count("Times"))
      ) {
        ranked($0.chattering)
      },
      .required("standing", .map("Alerts that held for more than a day, seconds", of: .count("Seconds"))) {
        ranked($0.standing).map { ($0.name, $0.value / 1000) }
      },
      .required("classes", .array(of: .object(classPayload))) { report in
        report.byClass.keys.sorted().map { (report, $0) }
      },
      .required("days", .array(of: .object(dayPayload))) { report in
        report.byDay.sorted { $0.key < $1.key }.map { ($0.key, $0.value.alerts, $0.value.pages) }
      },
      .required("bars", .map("Of EEMUA 191 and ISA-18.2, for one operator", of: .count("The bar"))) { _ in
        bars
      },
    ])

  private static let classPayload = PayloadTable<(report: AlarmReport, name: String)>(
    "A class of alerts.",
    [
      .required("class", .identifier("The class")) { $0.name },
      .required("alerts", .count("Raised, or raised again")) { $0.report.byClass[$0.name]?.alerts ?? 0 },
      .required("pages", .count("Calls")) { $0.report.byClass[$0.name]?.pages ?? 0 },
      .required("acknowledged", .count("Pages that were acknowledged")) {
        $0.report.byClass[$0.name]?.acknowledged ?? 0
      },
      .required("judged", .count("Occurrences that a person judged")) { source in
        Int64(source.report.verdicts.values.count { $0.alertClass == source.name })
      },
      .required("false_alarms", .count("Those judged false")) { source in
        Int64(source.report.verdicts.values.count { $0.alertClass == source.name && $0.isFalse })
      },
    ])

  private static let dayPayload = PayloadTable<(day: String, alerts: Int64, pages: Int64)>(
    "A day of the site with alerts.",
    [
      .required("day", .text("The site's date")) { $0.day },
      .required("alerts", .count("Raised, or raised again")) { $0.alerts },
      .required("pages", .count("Calls")) { $0.pages },
    ])
}
