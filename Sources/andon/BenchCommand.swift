import ArgumentParser

/// `andon bench …`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure this machine: ratios, medians, nothing sent anywhere.",
    subcommands: [
      BenchIngestCommand.self, BenchKPICommand.self, BenchDriftCommand.self, BenchKeysCommand.self,
    ])
}
