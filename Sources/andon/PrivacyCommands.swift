import ArgumentParser

/// `andon privacy …`
struct PrivacyCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "privacy",
    abstract: "What a configuration says about people: a report, and what a change widens.",
    examples: ["andon privacy report > report.md", "andon privacy diff andon.yaml andon.new.yaml"],
    subcommands: [PrivacyReportCommand.self, PrivacyDiffCommand.self])
}
