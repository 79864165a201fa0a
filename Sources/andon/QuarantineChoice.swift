import AndonCheck
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// The selection of quarantine rows, and the command on them.
struct QuarantineChoice: ParsableArguments {
  @Option(name: .long, help: "This row; may be given several times.") var id: [Int64] = []
  @Option(name: .long, help: "Those with this reason.") var code: String?
  @Option(name: .long, help: "Those from this camera.") var camera: String?
  @Option(name: .long, parsing: .unconditional, help: "Those that came then or later.") var from: PointInTime?
  @Option(name: .long, parsing: .unconditional, help: "Those that came before.") var to: PointInTime?
  @Option(name: .long, help: "Those that came longer ago than this, e.g. 30d.") var olderThan: LengthOfTime?
  @Flag(name: .long, help: "All of them.") var all = false

  func validate() throws {
    let isChosen =
      !id.isEmpty || code != nil || camera != nil || from != nil || to != nil || olderThan != nil
    guard all != isChosen else {
      throw ValidationError("say which rows (--id, --code, --camera, --from, --to, --older-than), or --all")
    }
    if let code, RejectionCode(rawValue: code) == nil {
      throw ValidationError(
        "--code is one of \(RejectionCode.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if to != nil, olderThan != nil { throw ValidationError("--to or --older-than, not both") }
  }

  /// Performs the command, directly or through the running bridge, and prints the result as one JSON object.
  func perform(_ action: QuarantineCommand.Action, _ options: SiteOptions) throws {
    let (settings, site) = try options.load()
    let path = settings.databasePath(site: site.id)
    // Rows that are added from now on, also by this very command, are not selected.
    let newest = try Failure.onStore(path, site: site.id) {
      try SiteStore.openForReading(path: path, siteID: site.id).newestQuarantineID()
    }
    guard newest > 0 else { return Self.printReport(QuarantineReport()) }
    let total: QuarantineReport
    do {
      let store = try SiteStore.openForWriting(path: path, siteID: site.id)
      total = try direct(orders(action, at: site, upTo: newest), settings, site, store)
    } catch StoreError.lockedByAnother {
      total = try Failure.wrap {
        let password = try settings.broker.readPassword(environment: ProcessInfo.processInfo.environment)
        let client = QuarantineClient(CommandClient(settings, password: password, site: site.id))
        return try Self.all(orders(action, at: site, upTo: newest)) { try client.perform($0) }
      }
    } catch {
      try Failure.onStore(path, site: site.id) { throw error }
      return
    }
    Self.printReport(total)
  }

  private func direct(
    _ orders: [QuarantineCommand], _ settings: Settings, _ site: SiteSettings, _ store: SiteStore
  ) throws -> QuarantineReport {
    let rules = IngestRules(site: site, settings: settings)
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift))
    var turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: .system)
    let total = try Self.all(orders) { try turn.perform($0) }
    try store.close()
    return total
  }

  private func orders(
    _ action: QuarantineCommand.Action, at site: SiteSettings, upTo newest: Int64
  ) -> [QuarantineCommand] {
    var order = QuarantineCommand(action)
    order.code = code.flatMap { RejectionCode(rawValue: $0) }
    order.cameraID = camera
    order.fromMs = from?.epochMs(at: site)
    order.toMs = to?.epochMs(at: site) ?? olderThan.map { WallClock.system.nowMs - $0.milliseconds }
    order.upToID = newest
    if id.isEmpty { return [order] }
    return Set(id).sorted().map { id in
      var one = order
      one.id = id
      return one
    }
  }

  private static func all(
    _ orders: [QuarantineCommand], _ perform: (QuarantineCommand) throws -> QuarantineReport
  ) throws -> QuarantineReport {
    var total = QuarantineReport()
    for var order in orders {
      repeat {
        let report = try perform(order)
        total.add(report)
        order.afterID = report.lastID
      } while total.hasMore
    }
    return total
  }

  private static func printReport(_ report: QuarantineReport) {
    Output.writeLine(QuarantineReport.payload.json(report))
  }
}
