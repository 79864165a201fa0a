import AndonRuntime
import ArgumentParser
import Postgres

/// The `andon` program: one file per command.
@main
struct AndonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "andon",
    abstract: "From AI cameras on MQTT to KPIs and drift alerts on MQTT, nothing lost between.",
    discussion: """
      See it work, with nothing to configure:
        andon demo
      Write a first configuration, and try the broker with it:
        andon init
      Check a configuration before using it:
        andon check --config andon.yaml
      Run the bridge:
        andon run --config andon.yaml
      Ask for a figure, also while it runs:
        andon kpi --config andon.yaml --site plant-a --scope site --window day

      Times (--from, --to, --at, --as-of …): -2h, -7d; now, today, yesterday; 06:00 (of today), 2026-11-30 and \
      '2026-11-30 06:00' by the site's clock; RFC 3339 with an offset; epoch milliseconds.

      The configuration: --config, else the variable ANDON_CONFIG, else /etc/andon/andon.yaml.

      Exit status: 0 done, 1 failed (the reason is on standard error), 64 wrong usage.
      """,
    version: AndonVersion.text,
    subcommands: [
      InitCommand.self, RunCommand.self, CheckCommand.self, DemoCommand.self, SimulateCommand.self,
      ImportCommand.self,
      ExportCommand.self, KPICommand.self, StopsCommand.self, ReportCommand.self, CompareCommand.self,
      CalendarCommand.self,
      DriftCommand.self,
      QuarantineCommands.self,
      AlertsCommands.self, NotifyCommands.self, UserCommands.self, AccessLogCommand.self,
      WorkerCommands.self, PrivacyCommands.self, StoreCommand.self, CentralCommands.self,
      FleetCommands.self,
      OverviewCommand.self,
      DocumentsCommand.self,
    ])

  static func main() async {
    // Here the process has one thread. libpq's variables must not change what a configuration says.
    PostgresEnvironment.forget()
    // The parser would say "unexpected argument", which hides that a command is misspelt.
    if let problem = CommandSuggestion.problem(CommandLine.arguments.dropFirst(), self) {
      Output.note("Error: \(problem)")
      exit(withError: ExitCode.validationFailure)
    }
    await main(nil)
  }
}
