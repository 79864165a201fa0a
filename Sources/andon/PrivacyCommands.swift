import ArgumentParser

/// `andon privacy …`
struct PrivacyCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "privacy",
    abstract: "What a configuration says about people: a report, and what a change widens.",
    subcommands: [PrivacyReportCommand.self, PrivacyDiffCommand.self])
}
