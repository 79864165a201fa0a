import ArgumentParser

/// `andon worker …`
struct WorkerCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "One person's data at a site: give it out, or erase it.",
    examples: [
      "andon worker export --site plant-a --id W1 > W1.json",
      "andon worker erase --site plant-a --id W1 --dry-run",
    ],
    subcommands: [WorkerExportCommand.self, WorkerEraseCommand.self])
}
