import ArgumentParser

/// `andon-bench …`: studies and measurements of the libraries, not shipped with the product.
@main
struct AndonBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "andon-bench",
    abstract: "Measure this machine: ratios and medians; nothing is sent anywhere.",
    subcommands: [
      BenchIngestCommand.self, BenchKPICommand.self, BenchDriftCommand.self, BenchKeysCommand.self,
      BenchFleetCommand.self,
    ])
}
