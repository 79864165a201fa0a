import ArgumentParser

/// `andon worker …`
struct WorkerCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "One person's data at a site: give it out, or erase it.",
    subcommands: [WorkerExportCommand.self, WorkerEraseCommand.self])
}
