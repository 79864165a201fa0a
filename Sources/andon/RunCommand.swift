import AndonBridge
import AndonCheck
import AndonConfiguration
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation
import Logging

/// `andon run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the bridge until SIGTERM or SIGINT.", usage: "run [<options>]",
    discussion: """
      SIGHUP reads the configuration again: sites are added, removed and changed while the others go \
      on. Stops within 5 s: what was read is committed and acknowledged, `offline` is published, exit \
      0. What the broker still holds is delivered at the next start.
      """,
    examples: [
      "andon run --config andon.yaml", "andon run --config andon.yaml --log-format text --log-level debug",
    ])

  @OptionGroup var options: ConfigOptions

  @OptionGroup var log: LogOptions

  func run() async throws {
    CrashText.keepMemoryOut()
    let settings = try options.load()
    // SIGHUP must not end the process before the bridge handles it.
    signal(SIGHUP, SIG_IGN)
    let (logger, threshold) = log.start()
    logger.info(
      "starting",
      metadata: [
        "version": "\(AndonVersion.text)", "bridge": "\(settings.bridge.id)",
        "sites": "\(settings.sites.map(\.id).joined(separator: ","))",
      ])
    let environment = ProcessInfo.processInfo.environment
    for finding in EnvironmentCheck(environment).run() {
      logger.warning("\(finding.text)", metadata: ["advice": "\(finding.advice)"])
    }
    let bridge = try Failure.wrap {
      let file = options.config
      return try Bridge(
        settings: settings, environment: environment,
        reload: { try SettingsLoader.load(file: file, environment: environment) }, threshold: threshold,
        logger: logger)
    }
    do { try await bridge.run() } catch { throw Failure(ErrorWords.text(error)) }
    logger.info("stopped")
  }
}
