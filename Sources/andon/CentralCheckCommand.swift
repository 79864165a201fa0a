import AndonCentral
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Postgres

/// `andon central check`
struct CentralCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compare the sites' files with the central database, day by day.",
    usage: "central check [<options>]",
    discussion: """
      Counts the rows of each day (UTC) that should be there: closed windows of the shipped scopes, alerts, gaps, stops, \
      reasons, targets, calendar, and events where they are shipped. Works beside a running bridge: it waits until what \
      the file had at its count is acknowledged. Exit 1 when rows are missing; the first day of each table is named.
      """, examples: ["andon central check --since -30d"])

  @OptionGroup var configuration: ConfigOptions
  @Option(name: .long, help: "Only this site.") var site: String?
  @Option(
    name: .long, parsing: .unconditional,
    help: "Since: \(PointInTime.forms). Default: as long as the central database keeps events.")
  var since: PointInTime?
  @Option(name: .long, help: "How long to wait for a running bridge to ship what it has.")
  var wait = LengthOfTime(milliseconds: 60_000)
  @Flag(name: .long, help: "Print an array with an object a site, table and day instead.") var json = false

  private struct Line {
    var site: String
    var table: String
    var day: Int64
    var file: Int64
    var central: Int64

    var date: String { String(CivilTime.text(epochMs: day * CivilTime.millisecondsPerDay).prefix(10)) }

    var json: [UInt8] {
      Array(
        """
        {"site_id":"\(site)","table":"\(table)","day":"\(date)","file":\(file),"central":\(central)}
        """.utf8)
    }
  }

  func run() throws {
    let settings = try configuration.load()
    let sites = try settings.sites(only: site, in: configuration.config)
    let server = try CentralOptions.settings(of: settings, in: configuration.config)
    let administration = try Failure.wrap { try CentralAdministration(server) }
    var lines: [Line] = []
    var troubles: [String] = []
    for site in sites {
      do {
        lines += try compare(site, settings, administration)
      } catch let failure as Failure {
        // The other sites are looked at, too.
        troubles.append(failure.description)
      }
    }
    if json { Output.writeLine(JSONWriter.array(lines.map(\.json))) }
    troubles += missing(lines)
    guard troubles.isEmpty else { throw Failure(troubles.joined(separator: "\n")) }
    guard !json else { return }
    print(
      "\(sites.count) \(sites.count == 1 ? "site" : "sites"): the \(lines.reduce(0) { $0 + $1.file }) rows that the "
        + "files have are in \(server.place)")
  }

  private func compare(
    _ site: SiteSettings, _ settings: Settings, _ administration: CentralAdministration
  ) throws -> [Line] {
    let sinceMs = try sinceMs(site, settings)
    let path = settings.databasePath(site: site.id)
    let here = try Failure.onStore(path, site: site.id) { () throws -> [ShipCount] in
      let store = try SiteStore.openForReading(path: path, siteID: site.id)
      guard let (upTo, counts) = try store.shipCounts(sinceMs: sinceMs) else {
        throw Failure(
          "\(site.id): nothing is shipped of this site: has a bridge run with central.mode history?")
      }
      try waitUntilShipped(site.id, store, upTo)
      return counts
    }
    let there = try Failure.wrap { try administration.counts(site: site.id, sinceMs: sinceMs) }
    let stored = Dictionary(
      uniqueKeysWithValues: there.map { (ShipCount(table: $0.table, day: $0.day, rows: 0), $0.rows) })
    return here.map { count in
      let key = ShipCount(table: count.table, day: count.day, rows: 0)
      return Line(
        site: site.id, table: count.table, day: count.day, file: count.rows, central: stored[key] ?? 0)
    }.sorted { ($0.day, $0.table) < ($1.day, $1.table) }
  }

  /// The beginning of the first whole day that the central database keeps.
  private func sinceMs(_ site: SiteSettings, _ settings: Settings) throws -> Int64 {
    let day = CivilTime.millisecondsPerDay
    let nowMs = WallClock.system.nowMs
    let keptMs = max(0, nowMs - settings.central.retentionMs + day)
    guard let since else { return (keptMs + day - 1) / day * day }
    return max(since.epochMs(at: site, nowMs: nowMs), (keptMs + day - 1) / day * day)
  }

  private func waitUntilShipped(_ site: String, _ store: SiteStore, _ upTo: ShipPosition) throws {
    let end = ContinuousClock.now + .milliseconds(wait.milliseconds)
    while true {
      guard let state = try store.shipState() else { return }
      let ranges = try store.backfills().count
      if state.acked.seq >= upTo.seq, ranges == 0 { return }
      guard ContinuousClock.now < end else {
        throw Failure(
          state.acked.seq < upTo.seq
            ? "\(site): \(upTo.seq - state.acked.seq) commits are not shipped after \(wait.milliseconds / 1000) s; see andon central drain"
            : "\(site): \(ranges) ranges are still being read from the file; ask again later, or with --wait")
      }
      usleep(200_000)
    }
  }

  /// A line a site and table: the first day.
  private func missing(_ lines: [Line]) -> [String] {
    var firsts: [String: (line: Line, days: Int, rows: Int64)] = [:]
    for line in lines where line.central < line.file {
      let key = line.site + "\n" + line.table
      firsts[key, default: (line, 0, 0)].days += 1
      firsts[key]?.rows += line.file - line.central
    }
    return firsts.sorted { $0.key < $1.key }.map { _, first in
      let line = first.line
      return
        "\(line.site): \(first.rows) rows of \(line.table) are missing on \(first.days) \(first.days == 1 ? "day" : "days"), "
        + "first on \(line.date) (file \(line.file), central \(line.central)): andon central backfill --site \(line.site) "
        + "--from \(line.date)"
    }
  }
}
