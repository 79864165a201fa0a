import AndonConfiguration
import AndonOverviewServer
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Logging

/// `andon overview`
struct OverviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overview", abstract: "Show all sites of all bridges on one page, until SIGTERM or SIGINT.",
    usage: "overview [<options>]",
    discussion: """
      Reads the retained topics of one or several brokers and keeps the newest values in memory; stores \
      nothing. Its configuration has no sites: config/overview.yaml. With overview.write alerts can be \
      acknowledged; the command goes to the site's bridge. SIGHUP reads the users' file again.
      """,
    examples: ["andon overview --config overview.yaml", "andon overview --config overview.yaml --check"])

  @Option(
    name: .long, help: ArgumentHelp("The configuration file (YAML).", valueName: "FILE"))
  var config = "/etc/andon/overview.yaml"

  @Flag(name: .long, help: "Only check the configuration; exit status 1 with all its mistakes.")
  var check = false

  @OptionGroup var log: LogOptions

  func run() async throws {
    CrashText.keepMemoryOut()
    let environment = ProcessInfo.processInfo.environment
    let settings = try Failure.wrap {
      try SettingsLoader.loadOverview(file: config, environment: environment)
    }
    guard !check else {
      let count = settings.brokers.count
      print("\(config): \(count) broker\(count == 1 ? "" : "s"), no mistakes")
      return
    }
    signal(SIGHUP, SIG_IGN)
    let (logger, threshold) = log.start()
    logger.info(
      "starting",
      metadata: [
        "version": "\(AndonVersion.text)",
        "brokers": "\(settings.brokers.map(\.name).joined(separator: ","))",
      ])
    let process = try Failure.wrap {
      try OverviewProcess(
        settings: settings, environment: environment, threshold: threshold, logger: logger)
    }
    do { try await process.run() } catch { throw Failure(ErrorWords.text(error)) }
    logger.info("stopped")
  }
}
