import AndonConfiguration
package import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser

/// `andon stops`
struct StopsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stops", abstract: "When workstations of a site stood, also while the bridge runs.",
    usage: "stops --site <site> --from <from> --to <to> [<options>]",
    discussion: """
      A stop is planned time without work at a workstation, longer than stops.min. Stops that have a part in \
      the range are listed; --pareto adds them up by workstation, line or reason. --json prints an array of the \
      objects that the API gives.
      """,
    examples: [
      "andon stops --site plant-a --from -8h --to now --open",
      "andon stops --site plant-a --from -7d --to now --pareto --by reason",
    ])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, parsing: .unconditional, help: "First instant: \(PointInTime.forms).") var from:
    PointInTime
  @Option(name: .long, parsing: .unconditional, help: "First instant no longer in the range.") var to:
    PointInTime
  @Option(name: .long, help: "Only of this workstation.") var workstation: String?
  @Option(name: .long, help: "Only of the workstations of this line.") var line: String?
  @Option(name: .long, help: "Only stops with this reason; none: only those without one.") var reason: String?
  @Flag(name: .long, help: "Only stops that have not ended.") var open = false
  @Flag(name: .long, help: "Number and time of stops, the longest time first.") var pareto = false
  @Option(name: .long, help: "With --pareto: workstation, line or reason.") var by = StopParetoRow.Key
    .workstation
  @Option(name: .long, parsing: .unconditional, help: "Take this as the present.") var asOf: PointInTime?
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func run() throws {
    let (site, parts, calendars, nowMs) = try options.read { site, store in
      let nowMs = PointInTime.orNow(asOf, at: site)
      let range = try PointInTime.range(from, to, at: site)
      let chosen = line.flatMap { site.layout.line($0) }
      if let line, chosen == nil { throw Failure(site.noLine(line)) }
      let parts = try StopQuery(site: site).stops(
        overlapping: (range.fromMs ?? 0)..<(range.toMs ?? 0),
        of: SiteLayout.workstations(workstation, of: chosen), store, nowMs: nowMs
      ).filter { part in
        (reason.map(part.hasReason) ?? true) && (!open || part.stop.isOpen)
      }
      return (site, parts, try store.calendars(of: site), nowMs)
    }
    if pareto {
      let rows = StopParetoRow.rows(parts, by: by, in: site.layout)
      return json ? Output.writeLine(JSONWriter.array(rows.map(\.json))) : printSums(rows, site)
    }
    if json {
      return Output.writeLine(
        JSONWriter.array(parts.map { StopRecord($0, of: site).json(nowMs: nowMs) }))
    }
    guard calendars.hasShifts else { return print("site \(site.id) has no shifts, and so no stops") }
    printList(parts, site, calendars.site)
  }

  private func printList(_ parts: [StopPart], _ site: SiteSettings, _ clock: SiteCalendar) {
    print("\(site.id) · stops longer than \(Self.text(site.stops.minMs)) (\(site.timeZone))")
    var table = TextTable([
      "workstation", "line", "shift", "begins", "ends", "planned time", "kind", "reason",
    ])
    for part in parts {
      let (stop, record) = (part.stop, StopRecord(part, of: site))
      table.add([
        stop.workstationID, record.lineID ?? "–", stop.shiftID,
        clock.localText(stop.startMs), stop.isOpen ? "open" : clock.localText(stop.endMs),
        Self.text(stop.durationMs), stop.kind.rawValue, record.reason?.name ?? (record.asks ? "?" : "–"),
      ])
    }
    print(table.text)
    if parts.isEmpty { print("none") }
  }

  private func printSums(_ rows: [StopParetoRow], _ site: SiteSettings) {
    print("\(site.id) · stops longer than \(Self.text(site.stops.minMs)) by \(by.rawValue)")
    var table = TextTable([by.rawValue, "stops", "planned time", "share", "cumulative"])
    for row in rows {
      table.add([
        row.id ?? "–", "\(row.stops)", Self.text(row.stopMs), Self.percent(row.share),
        Self.percent(row.cumulative),
      ])
    }
    print(table.text)
    if rows.isEmpty { print("none") }
  }

  /// Hours, minutes and seconds: `1:02:03`, `4:05`; parts of a second are cut.
  private static func text(_ ms: Int64) -> String {
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = ms / 1000
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(seconds % 60))"
  }

  private static func percent(_ hundredths: Int64) -> String {
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
  }
}

extension StopParetoRow.Key: ExpressibleByArgument {}
