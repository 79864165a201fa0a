import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser

/// `andon compare`
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Figures of two windows, or of the same shift in several weeks.",
    usage: "compare --site <site> [<options>]",
    discussion: """
      Give --a and --b, an instant in each window, or --weeks. The last column is the last window less the one \
      before it. --json prints an array of the objects that the API gives. Workers cannot be compared.
      """,
    examples: [
      "andon compare --site plant-a --scope line --id line-1 --weeks 4",
      "andon compare --site plant-a --window day --a yesterday --b now",
    ])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "workstation, line, area or site.") var scope = KPIScope.site
  @Option(name: .long, help: "The workstation, line or area; not needed for the site.") var id: String?
  @Option(name: .long, help: "hour, shift or day; with --weeks, shift.") var window = WindowKind.shift
  @Option(
    name: .customLong("a"), parsing: .unconditional,
    help: "An instant in the first window: \(PointInTime.forms).")
  var first: PointInTime?
  @Option(name: .customLong("b"), parsing: .unconditional, help: "An instant in the second window.")
  var second: PointInTime?
  @Option(name: .long, help: "How many weeks before it, 1 to 52, instead of --a and --b.") var weeks: Int?
  @Option(
    name: .long, parsing: .unconditional,
    help: "With --weeks: an instant in the last of the shifts; else the last one that is over.")
  var at: PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "Take this as the present.") var asOf: PointInTime?
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func validate() throws {
    if scope == .worker { throw ValidationError("--scope is workstation, line, area or site") }
    if scope != .site, id == nil { throw ValidationError("give --id: the \(scope.rawValue)") }
    switch (weeks, first, second) {
    case (.some(let weeks), nil, nil):
      guard (1...52).contains(weeks) else { throw ValidationError("--weeks lies in 1…52") }
      if window != .shift { throw ValidationError("--weeks compares shifts") }
    case (nil, .some, .some): if at != nil { throw ValidationError("--at is for --weeks") }
    default: throw ValidationError("give --a and --b, or --weeks")
    }
  }

  func run() throws {
    let (site, records, clock) = try options.read { site, store in
      let nowMs = PointInTime.orNow(asOf, at: site)
      if let id, scope == .line, site.layout.line(id) == nil { throw Failure(site.noLine(id)) }
      if let id, scope == .area, site.layout.area(id) == nil { throw Failure(site.noArea(id)) }
      let query = CompareQuery(site: site, scope: scope, id: scope == .site ? site.id : id ?? "")
      let clock = try store.calendar(of: site)
      if let weeks {
        let atMs = at.map { $0.epochMs(at: site) }
        return (site, try query.weeks(weeks, atMs: atMs, store, nowMs: nowMs), clock)
      }
      let instants = [first, second].compactMap(\.self).map { $0.epochMs(at: site) }
      let found = try query.windows(window, containing: instants, store, nowMs: nowMs)
      for (name, record) in zip(["--a", "--b"], found) where record == nil {
        throw Failure("\(name) lies in no \(window.rawValue) with figures")
      }
      return (site, found.compactMap(\.self), clock)
    }
    let compared = ComparedWindow.all(records)
    if json { return Output.writeLine(JSONWriter.array(compared.map(\.json))) }
    guard let last = compared.last else { throw Failure("there are no figures of such a shift") }
    print("\(site.id)/\(last.record.scope.rawValue)/\(last.record.id) (\(site.timeZone))")
    printTable(compared, last, clock)
  }

  private func printTable(_ compared: [ComparedWindow], _ last: ComparedWindow, _ clock: SiteCalendar) {
    let windows = compared.map(\.record.window)
    var table = TextTable(
      ["figure"]
        + windows.map { "\(clock.localText($0.startMs).dropLast(3))\($0.shiftID.map { " \($0)" } ?? "")" }
        + ["change"])
    for metric in KPIMetric.allCases where compared.contains(where: { $0.record[metric] != nil }) {
      table.add(
        [metric.rawValue] + compared.map { Self.text($0.record[metric], metric.digits) } + [
          Self.text(last.change(of: metric), metric.digits)
        ])
    }
    print(table.text)
  }

  private static func text(_ value: Int64?, _ digits: Int) -> String {
    guard let value else { return "–" }
    guard digits > 0 else { return String(value) }
    var bytes: [UInt8] = []
    JSONWriter.append(scaled: value, digits: digits, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
