import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon calendar`
struct CalendarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "The shifts of a site that begin in a range of time.",
    usage: "calendar --site <site> --from <from> --to <to> [<options>]",
    discussion: """
      Closures, holidays and opened shifts are applied. --json prints an array, by time: the shift, its \
      instants, its planned seconds and its breaks.
      """,
    examples: [
      "andon calendar --site plant-a --from today --to 2026-12-31",
      "andon calendar --site plant-a --line line-1 --from -7d --to now --json",
    ])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "A line of the site; its shifts instead of the site's.") var line: String?
  @Option(name: .long, parsing: .unconditional, help: "First instant: \(PointInTime.forms).") var from:
    PointInTime
  @Option(name: .long, parsing: .unconditional, help: "First instant no longer in the range.") var to:
    PointInTime
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func run() throws {
    let (settings, site) = try options.load()
    if let line, site.layout.line(line) == nil { throw Failure(site.noLine(line)) }
    // Before the first run there is no file, and so no change by command.
    let hasFile = FileManager.default.fileExists(atPath: settings.databasePath(site: site.id))
    let calendars = hasFile ? try options.read { try $1.calendars(of: $0) } : SiteCalendars(site)
    let calendar = line.flatMap { calendars.calendar(ofLine: $0) } ?? calendars.site
    let (fromMs, toMs) = try PointInTime.range(from, to, at: site)
    let shifts = calendar.shifts(beginningIn: (fromMs ?? 0)..<(toMs ?? 0))
    if json { return Output.writeLine(JSONWriter.array(shifts.map { $0.shiftJSON(line: line) })) }
    let name = line.map { "\(site.id)/\($0)" } ?? site.id
    guard calendar.hasShifts else { return print("\(line == nil ? "site" : "line") \(name) has no shifts") }
    print("\(name) · shifts that begin in the range (\(site.timeZone))")
    var table = TextTable(["shift", "day", "begins", "ends", "planned", "breaks"])
    for shift in shifts { table.add(row(shift, calendar)) }
    print(table.text)
    if shifts.isEmpty { print("none") }
  }

  private func row(_ shift: Window, _ calendar: SiteCalendar) -> [String] {
    func clock(_ ms: Int64) -> String { String(calendar.localText(ms).dropFirst(11).prefix(5)) }
    let breaks = shift.breaks.map { "\(clock($0.lowerBound))-\(clock($0.upperBound))" }
    return [
      shift.shiftID ?? "", calendar.weekday(at: shift.startMs).rawValue,
      String(calendar.localText(shift.startMs).prefix(16)),
      String(calendar.localText(shift.endMs).prefix(16)),
      "\(shift.plannedMs / 60_000) min", breaks.isEmpty ? "–" : breaks.joined(separator: ", "),
    ]
  }
}

extension SiteSettings {
  /// What to say of a line that it does not have.
  func noLine(_ id: String) -> String {
    "site \"\(self.id)\" has no line \"\(id)\"" + Suggestion.text(for: id, among: layout.lines.map(\.id))
  }

  /// What to say of an area that it does not have.
  func noArea(_ id: String) -> String {
    "site \"\(self.id)\" has no area \"\(id)\"" + Suggestion.text(for: id, among: layout.areas.map(\.id))
  }
}
