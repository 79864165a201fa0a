/// The tables of a printed report.
extension ReportPage {
  /// - Parameter classes: of the columns; `n` for numbers.
  private func table(
    _ kind: String, _ title: String, _ columns: [(name: String, kind: String)], _ rows: [[String]],
    more: Int64 = 0
  ) -> String {
    var text = "<section class=\"\(kind)\"><h2>\(title)</h2>"
    guard !rows.isEmpty || more > 0 else { return text + "<p>\(words.none)</p></section>" }
    text += "<table><thead><tr>"
    for column in columns { text += "<th scope=\"col\" class=\"\(column.kind)\">\(column.name)</th>" }
    text += "</tr></thead><tbody>"
    for row in rows {
      text += "<tr>"
      for (column, cell) in zip(columns, row) { text += "<td class=\"\(column.kind)\">\(cell)</td>" }
      text += "</tr>\n"
    }
    text += "</tbody></table>"
    if more > 0 { text += "<p>\(words.more(number(more)))</p>" }
    return text + "</section>"
  }

  // MARK: Hours

  var hours: String {
    let most = report.hours.map { max($0.units ?? 0, $0.targetUnits ?? 0) }.max() ?? 0
    let rows = report.hours.prefix(limits.hours).map { hour in
      return [
        "\(time(hour.startMs))–\(time(hour.endMs))", hour.targetUnits.map(number) ?? "–",
        hour.units.map(number) ?? words.withheld, hour.gapUnits.map(signed) ?? "–",
        hour.totalGapUnits.map(signed) ?? "–",
        bar(hour, most: most), largest(hour),
      ]
    }
    return table(
      "hours", words.hours,
      [
        (words.hour, "t"), (words.plan, "n"), (words.actual, "n"), (words.gap, "n"), (words.total, "n"),
        ("", "b"), (words.largest, "w"),
      ], rows, more: Int64(report.hours.count - rows.count))
  }

  /// What was made, with a mark at the plan: a line on paper, without colour.
  private func bar(_ hour: ReportHour, most: Int64) -> String {
    guard most > 0 else { return "" }
    func place(_ units: Int64) -> Int64 { Int64(Int128(units) * 200 / Int128(most)) }
    let plan = hour.targetUnits.map { "<path d=\"M\(max(1, min(199, place($0)))) 0v10\"/>" } ?? ""
    return """
      <svg viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">\
      <rect y="2" width="\(place(hour.units ?? 0))" height="6"/>\(plan)</svg>
      """
  }

  private func largest(_ hour: ReportHour) -> String {
    guard let record = hour.largest else { return "–" }
    return "\(station(record.stop.workstationID)) \(minutes(hour.largestMs)) min \(reason(record, ""))"
  }

  private func reason(_ record: StopRecord, _ absent: String) -> String {
    guard let reason = record.reason else { return record.asks ? "?" : absent }
    return escaped(reason.name) + (reason.isPlanned ? " (\(words.planned))" : "")
  }

  // MARK: Stops

  var stops: String {
    let longest = report.stops.sorted {
      ($1.stop.durationMs, $0.stop.id) < ($0.stop.durationMs, $1.stop.id)
    }.prefix(limits.stops).sorted { ($0.stop.startMs, $0.stop.id) < ($1.stop.startMs, $1.stop.id) }
    let rows = longest.map { record in
      let stop = record.stop
      let comment = record.given?.comment.map { ": \(escaped($0))" } ?? ""
      return [
        "\(time(stop.startMs))–\(stop.isOpen ? "" : time(stop.endMs))", station(stop.workstationID),
        minutes(stop.durationMs), reason(record, "–") + comment,
      ]
    }
    return table(
      "stops", words.stops,
      [(words.time, "t"), (words.station, "s"), (words.minutes, "n"), (words.reason, "w")], rows,
      more: Int64(report.stops.count - rows.count) + report.stopsLeftOut)
  }

  // MARK: Beside the stops

  var losses: String {
    let rows = report.pareto.prefix(limits.losses).map { row in
      let name = row.id.map { id in names.stopReasons.first { $0.id == id }?.name ?? id }
      return [
        name.map(escaped) ?? words.noReason, number(row.stops), minutes(row.stopMs), percent(row.share),
      ]
    }
    return table(
      "losses", words.losses,
      [(words.reason, "w"), (words.count, "n"), (words.minutes, "n"), ("%", "n")], rows,
      more: Int64(report.pareto.count - rows.count))
  }

  var alerts: String {
    let rows = report.alerts.prefix(limits.alerts).map { alert in
      // The site is the same in all of them.
      [
        escaped(alert.alertID.split(separator: "/").dropFirst().joined(separator: " ")),
        number(alert.calls), time(alert.firstMs),
      ]
    }
    return table(
      "alerts", words.alerts, [(words.of, "w"), (words.calls, "n"), (words.first, "n")], rows,
      more: Int64(report.alerts.count - rows.count))
  }

  var gaps: String {
    let rows = report.gaps.prefix(limits.gaps).map { gap in
      [
        "\(time(gap.fromMs))–\(time(gap.toMs))",
        escaped("\(gap.cause)\(gap.cameraID.map { " (\($0))" } ?? "")"),
      ]
    }
    return table(
      "gaps", words.gaps, [(words.time, "t"), (words.cause, "w")], rows,
      more: Int64(report.gaps.count - rows.count))
  }
}
