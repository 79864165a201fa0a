/// The words of a printed report.
struct ReportWords: Sendable {
  var shift, hours, hour, plan, actual, gap, total, largest: String
  var stops, time, station, minutes, reason: String
  var losses, noReason, count, alerts, calls, first, gaps, cause, of: String
  var none, planned, ahead, behind, onPlan, made, withheld: String
  var running, final, asOf: String
  /// By figure.
  var figures: [KPIMetric: String]
  var stopTime: String
  var decimalPoint, groups: String
  /// With the number as text.
  var more: @Sendable (String) -> String
  /// A date from year, month and day as text.
  var date: @Sendable (_ year: Substring, _ month: Substring, _ day: Substring) -> String

  static func words(_ language: PageLanguage) -> ReportWords {
    switch language {
    case .english: english
    case .german: german
    }
  }

  private static let english = ReportWords(
    shift: "Shift", hours: "Hour by hour", hour: "Hour", plan: "Plan", actual: "Actual", gap: "Gap",
    total: "Total",
    largest: "Largest stop", stops: "Stops", time: "Time", station: "Station", minutes: "Min",
    reason: "Reason",
    losses: "Time lost by reason", noReason: "no reason given", count: "Stops", alerts: "Alerts",
    calls: "Calls",
    first: "First", gaps: "Gaps in the data", cause: "Why", of: "Of", none: "None", planned: "planned",
    ahead: "units ahead", behind: "units behind", onPlan: "On plan", made: "units",
    withheld: "withheld: too few workers",
    running: "Not over: figures so far", final: "The shift is over; late events may still correct this",
    asOf: "As of",
    figures: [
      .units: "Units", .targetUnits: "Plan", .pace: "Of plan", .forecastUnits: "Forecast",
      .utilization: "Utilization", .availability: "Availability", .coverage: "Data coverage",
    ], stopTime: "Stopped", decimalPoint: ".", groups: ",", more: { "and \($0) more" },
    date: { "\($0)-\($1)-\($2)" })

  private static let german = ReportWords(
    shift: "Schicht", hours: "Stunde für Stunde", hour: "Stunde", plan: "Soll", actual: "Ist", gap: "Diff.",
    total: "Summe",
    largest: "Größter Stillstand", stops: "Stillstände", time: "Zeit", station: "Arbeitsplatz",
    minutes: "Min",
    reason: "Grund", losses: "Verlorene Zeit nach Grund", noReason: "kein Grund angegeben", count: "Anzahl",
    alerts: "Meldungen", calls: "Rufe", first: "Erster", gaps: "Datenlücken", cause: "Warum", of: "Von",
    none: "Keine", planned: "geplant", ahead: "Stück voraus", behind: "Stück im Rückstand", onPlan: "Im Soll",
    made: "Stück", withheld: "nicht gezeigt: zu wenige Beschäftigte", running: "Läuft noch: Zahlen bis jetzt",
    final: "Die Schicht ist vorbei; späte Ereignisse können dies noch berichtigen", asOf: "Stand",
    figures: [
      .units: "Stück", .targetUnits: "Soll", .pace: "Vom Soll", .forecastUnits: "Prognose",
      .utilization: "Auslastung", .availability: "Verfügbarkeit", .coverage: "Datenabdeckung",
    ], stopTime: "Stillstand", decimalPoint: ",", groups: ".", more: { "und \($0) weitere" },
    date: { "\($2).\($1).\($0)" })
}
