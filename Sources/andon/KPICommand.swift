public import AndonCore
import AndonService
public import ArgumentParser

/// `andon kpi`
struct KPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kpi", abstract: "KPIs of a site from its store, also while the bridge runs.",
    discussion: """
      Give a window that contains the present (or --as-of), or a half-open range --from … --to. --json prints an
      array of the objects that are published on MQTT, sorted by id.
      """)

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "worker, workstation or site.") var scope: KPIScope
  @Option(name: .long, help: "Only this worker or workstation.") var id: String?
  @Option(name: .long, help: "hour, shift or day.") var window: WindowKind?
  @Option(name: .long, help: "First instant of a range, RFC 3339 or epoch milliseconds.") var from: Instant?
  @Option(name: .long, help: "First instant no longer in the range.") var to: Instant?
  @Option(name: .long, help: "Take this as the present.") var asOf: Instant?
  @Flag(name: .long, help: "Ignore every summary and read the events themselves.")
  var recompute = false
  @Flag(name: .long, help: "Print JSON instead of a table.") var json = false

  func validate() throws {
    switch (window, from, to) {
    case (.some, nil, nil): break
    case (nil, .some(let from), .some(let to)):
      guard from.epochMs < to.epochMs else { throw ValidationError("--from must lie before --to") }
    default: throw ValidationError("give either --window, or --from and --to")
    }
  }

  func run() throws {
    let (site, store) = try options.openStore()
    let nowMs = Instant.orNow(asOf)
    let query = KPIQuery(site: site, recomputes: recompute, scopes: [scope])
    let records = try Failure.wrap {
      if let window { return try query.window(window, store, nowMs: nowMs) }
      return try query.range(fromMs: from?.epochMs ?? 0, toMs: to?.epochMs ?? 0, store, nowMs: nowMs)
    }
    let wanted = records.filter { $0.scope == scope && (id == nil || $0.id == id) }.sorted { $0.id < $1.id }
    if json {
      Output.writeLine(StatusDocument.array(wanted.map { $0.json(revision: nil) }))
    } else {
      printTable(wanted)
    }
  }

  private static let columns = [
    "elapsed_s", "working_s", "idle_s", "absent_s", "utilization_pct", "coverage_pct", "units",
    "units_per_hour",
  ]

  private func printTable(_ records: [KPIRecord]) {
    guard let first = records.first else {
      print("no data in that window")
      return
    }
    print(
      "\(scope.rawValue) · \(CivilTime.text(epochMs: first.window.startMs)) to "
        + "\(CivilTime.text(epochMs: first.window.endMs)) (UTC)")
    let metrics = records.map { record in
      (
        record.id,
        Dictionary(record.metrics.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
      )
    }
    let columns = Self.columns.filter { column in metrics.contains { $0.1[column] != nil } }
    var table = TextTable(["id"] + columns)
    for (id, values) in metrics { table.add([id] + columns.map { values[$0] ?? "–" }) }
    print(table.text)
  }
}

extension KPIScope: ExpressibleByArgument {}
extension WindowKind: ExpressibleByArgument {}
