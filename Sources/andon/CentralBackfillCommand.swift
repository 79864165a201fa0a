import AndonCentral
import AndonConfiguration
import AndonCore
import AndonRuntime
import ArgumentParser
import Postgres

/// `andon central backfill`
struct CentralBackfillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backfill", abstract: "Have a site's rows of a time read from its file once more.",
    usage: "central backfill --site <site> --from <from> [<options>]",
    discussion: """
      For the time before central.mode was history, and for what "andon central check" misses. The request waits in the \
      central database; the bridge that holds the site takes it up within a minute, or when it is back, and uses at most \
      a fifth of its time for it. What is there already is not stored twice.
      """, examples: ["andon central backfill --site plant-a --from 2026-01-01"])

  @OptionGroup var options: SiteOptions
  @Option(name: .long, parsing: .unconditional, help: "First instant: \(PointInTime.forms).") var from:
    PointInTime
  @Option(name: .long, parsing: .unconditional, help: "Up to this instant (default: now).") var to:
    PointInTime?

  func run() throws {
    let (settings, site) = try options.load()
    let (fromMs, toMs) = (from.epochMs(at: site), to?.epochMs(at: site) ?? WallClock.system.nowMs)
    guard fromMs < toMs else { throw ValidationError("--from must lie before --to") }
    let server = try CentralOptions.settings(of: settings, in: options.configuration.config)
    let request = CentralRequest(siteID: site.id, fromMs: fromMs, toMs: toMs)
    let isKnown = try Failure.wrap { try CentralAdministration(server).askBackfill(request) }
    guard isKnown else {
      throw Failure(
        "\(site.id): no bridge has shipped this site to \(server.place) yet; see andon central status")
    }
    print(
      "asked: \(site.id) from \(CivilTime.text(epochMs: fromMs)) to \(CivilTime.text(epochMs: toMs)); its bridge begins "
        + "within a minute")
  }
}
