import AndonConfiguration
public import AndonCore
import AndonRuntime
import AndonStore
public import ArgumentParser

/// `andon kpi`
struct KPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kpi", abstract: "KPIs of a site from its store, also while the bridge runs.",
    usage: "kpi --site <site> --scope <scope> [<options>]",
    discussion: """
      Give a window that contains the present (or --as-of), or a half-open range --from … --to, or both for \
      all hours, shifts or days that begin in the range. --json prints an array of the objects that are \
      published on MQTT, by time and id.
      """,
    examples: [
      "andon kpi --site plant-a --scope line --window shift",
      "andon kpi --site plant-a --scope worker --window day --as-of yesterday",
      "andon kpi --site plant-a --scope site --from '2026-11-30 06:00' --to now",
    ])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "worker, workstation, line, area or site.") var scope: KPIScope
  @Option(name: .long, help: "Only this worker, workstation, line or area.") var id: String?
  @Option(name: .long, help: "hour, shift or day.") var window: WindowKind?
  @Option(
    name: .long, parsing: .unconditional, help: "First instant of a range: \(PointInTime.forms).")
  var from: PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "First instant no longer in the range.") var to:
    PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "Take this as the present.") var asOf: PointInTime?
  @Flag(name: .long, help: "Ignore every summary and read the events themselves.")
  var recompute = false
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func validate() throws {
    switch (window, from, to) {
    case (.some, nil, nil): break
    case (_, .some, .some): break
    default: throw ValidationError("give --window, or --from and --to, or all three")
    }
  }

  func run() throws {
    let (site, records, nowMs) = try options.read { site, store in
      let nowMs = PointInTime.orNow(asOf, at: site)
      if let id, scope == .line, site.layout.line(id) == nil { throw Failure(site.noLine(id)) }
      if let id, scope == .area, site.layout.area(id) == nil { throw Failure(site.noArea(id)) }
      if scope == .worker, !site.privacy.showsWorkers {
        throw Failure("site \(site.id) has no figures of single workers: privacy.workers is off")
      }
      let query = KPIQuery(site: site, recomputes: recompute, scopes: [scope], id: id)
      let range = try PointInTime.range(from, to, at: site)
      guard let fromMs = range.fromMs, let toMs = range.toMs else {
        return (site, try window.map { try query.window($0, store, nowMs: nowMs) } ?? [], nowMs)
      }
      guard let window else {
        return (site, try query.range(fromMs: fromMs, toMs: toMs, store, nowMs: nowMs), nowMs)
      }
      return (site, try series(window, fromMs..<toMs, query, store, nowMs: nowMs), nowMs)
    }
    let wanted = records.filter { $0.scope == scope }
      .sorted { ($0.window.startMs, $0.id) < ($1.window.startMs, $1.id) }
    if json {
      Output.writeLine(JSONWriter.array(wanted.map { $0.json(revision: nil) }))
    } else {
      printTables(wanted, site, nowMs: nowMs)
    }
  }

  /// All windows of a kind that begin in a range and before the present.
  private func series(
    _ kind: WindowKind, _ range: Range<Int64>, _ query: KPIQuery, _ store: SiteStore, nowMs: Int64
  ) throws -> [KPIRecord] {
    let range = range.lowerBound..<max(range.lowerBound, min(range.upperBound, nowMs))
    // No window is longer than a day with a clock change.
    let endMs = range.upperBound + 2 * CivilTime.millisecondsPerDay
    return try query.series(kind, overlapping: range, store, nowMs: nowMs) { calendars in
      calendars.windows(kind, endingAfter: range.lowerBound, upTo: endMs).joined()
        .filter { range.contains($0.window.startMs) }
    }.filter { range.contains($0.window.startMs) }
  }

  /// One table for each window: lines may have shifts of their own.
  private func printTables(_ records: [KPIRecord], _ site: SiteSettings, nowMs: Int64) {
    guard !records.isEmpty else { return printTable([], site, nowMs: nowMs) }
    var windows: [Window] = []
    for record in records where !windows.contains(where: { $0.isSame(as: record.window) }) {
      windows.append(record.window)
    }
    for window in windows {
      printTable(records.filter { $0.window.isSame(as: window) }, site, nowMs: nowMs)
    }
  }

  private func printTable(_ records: [KPIRecord], _ site: SiteSettings, nowMs: Int64) {
    guard let first = records.first else {
      print(
        window == .shift ? "no shift contains that time, or nothing is known in it" : "no data in that window"
      )
      return
    }
    let clock = SiteCalendar(site)
    func local(_ ms: Int64) -> String { clock.localText(ms) }
    var title = "\(site.id) · \(scope.rawValue) · \(first.window.name)"
    if let shift = first.window.shiftID { title += " \(shift)" }
    print("\(title) · \(local(first.window.startMs)) to \(local(first.window.endMs)) (\(site.timeZone))")
    print(first.isFinal ? "closed" : "open, as of \(local(nowMs))")
    let columns = KPITableColumn.of(scope, records)
    var table = TextTable(columns.map(\.title))
    for record in records { table.add(columns.map { $0.text(record) }) }
    print(table.text)
  }
}

extension KPIScope: ExpressibleByArgument {}
extension WindowKind: ExpressibleByArgument {}
