import AndonCheck
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon worker erase`
struct WorkerEraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "Erase a worker from a site's data.",
    usage: "worker erase --site <site> --id <id> [<options>]",
    discussion: """
      The worker's id goes: from the table of names, ids of events, rejected events, counter readings, the access \
      log, the retained topics. The events stay without a name, so that figures of stations, lines and the site are as \
      before; nothing leads from them to the worker. Late events from before stay out. While a bridge runs, it does the \
      work (asked by the command topic). Prints what was done, and where the id is left, as JSON; exit 1 when it is left \
      anywhere in the site's file. docs/access.md.
      """,
    examples: [
      "andon worker erase --site plant-a --id W1 --dry-run",
      "andon worker erase --site plant-a --id W1 --backups /var/backups/andon",
    ])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, help: "The worker.") var id: String
  @Flag(name: .long, help: "Only count; change nothing.") var dryRun = false
  @Option(name: .long, help: "List the backups in this folder that still hold the worker; repeatable.")
  var backups: [String] = []

  /// How long a running bridge may take to empty the topics and to clean the file.
  private static let patienceSeconds = 120.0

  func validate() throws {
    guard Identifier.isValid(id) else { throw ValidationError("--id is not the id of a worker") }
  }

  func run() throws {
    let (settings, site) = try options.load()
    let path = settings.databasePath(site: site.id)
    let order = EraseCommand(workerID: id, isTrial: dryRun)
    let report: ErasureReport
    do {
      report = try direct(order, settings, site, path)
    } catch StoreError.lockedByAnother {
      report = try Failure.wrap {
        let password = try settings.broker.readPassword(environment: ProcessInfo.processInfo.environment)
        let client = EraseClient(CommandClient(settings, password: password, site: site.id))
        return try client.perform(order)
      }
      if !dryRun { try Failure.onStore(path, site: site.id) { try wait(path, site: site.id) } }
    } catch {
      try Failure.onStore(path, site: site.id) { throw error }
      return
    }
    let left = try Failure.onStore(path, site: site.id) { try self.left(path, site) }
    Output.writeLine(try json(report, left, settings, site))
    guard !dryRun, !left.tables.isEmpty else { return }
    throw Failure(
      left.state.topics.isEmpty
        ? "\(site.id): the id is left in \(left.tables.keys.sorted().joined(separator: ", ")); see docs/access.md"
        : "\(site.id): the id is in the file until a running bridge has emptied the worker's retained topics at the "
          + "broker; run this command again then")
  }

  private func direct(
    _ order: EraseCommand, _ settings: Settings, _ site: SiteSettings, _ path: String
  ) throws -> ErasureReport {
    // A file must be there: this command makes none.
    _ = try SiteStore.openForReading(path: path, siteID: site.id)
    let store = try SiteStore.openForWriting(path: path, siteID: site.id)
    let rules = IngestRules(site: site, settings: settings)
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(site.drift))
    var turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: .system)
    let report = try turn.perform(order)
    if !order.isTrial { _ = try store.sweep(largestBytes: .max, nowMs: WallClock.system.nowMs) }
    try store.close()
    return report
  }

  /// Waits until the bridge has emptied the topics and cleaned the file.
  private func wait(_ path: String, site: String) throws {
    let store = try SiteStore.openForReading(path: path, siteID: site)
    let end = ContinuousClock.now + .seconds(Self.patienceSeconds)
    while try store.erasureState().unswept > 0, ContinuousClock.now < end { usleep(200_000) }
  }

  /// What is left of the id.
  private struct Left {
    var tables: [String: Int64]
    var state: SiteStore.ErasureState
    var bytesInFile: Int
    var bytesInLog: Int
  }

  private func left(_ path: String, _ site: SiteSettings) throws -> Left {
    let store = try SiteStore.openForReading(path: path, siteID: site.id)
    return Left(
      tables: try store.mentions(of: id), state: try store.erasureState(),
      bytesInFile: try FileScan.count(of: id, in: path),
      bytesInLog: try FileScan.count(of: id, in: path + "-wal"))
  }

  private func json(
    _ report: ErasureReport, _ left: Left, _ settings: Settings, _ site: SiteSettings
  ) throws -> [UInt8] {
    var object: [String: Any] = [
      "site_id": site.id, "worker_id": id, "dry_run": report.isTrial, "events": report.events,
      "event_ids": report.eventIDs, "final_records": report.finalRecords,
      "quarantine_rows": report.quarantineRows, "other_rows": report.otherRows,
      "access_rows": report.accessRows, "decisions": report.decisions,
      // Also as a part of another id, or by chance in numbers: it proves only when it is 0.
      "bytes_in_file": left.bytesInFile, "bytes_in_log": left.bytesInLog, "left_in": left.tables,
      "topics_to_empty": left.state.topics.count, "is_swept": left.state.unswept == 0,
      "in_configuration": site.workers[id] != nil,
    ]
    object["backups"] = try backups.flatMap { try holders(in: $0, site) }
    return Array(
      try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes]))
  }

  /// The files of a folder that are backups of this site and know the worker.
  private func holders(in folder: String, _ site: SiteSettings) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { folder + "/" + $0 }.filter {
      path in
      guard path.hasSuffix(".sqlite") else { return false }
      do {
        let store = try SiteStore.openForReading(path: path, siteID: site.id)
        return try store.knows(worker: id) || !store.mentions(of: id).isEmpty
      } catch StoreError.wrongSite { return false } catch {
        // What cannot be read as a site's file may hold it nevertheless.
        return try FileScan.count(of: id, in: path) > 0
      }
    }
  }
}
