import AndonService
import ArgumentParser
import Foundation

/// `andon bench ingest`
struct BenchIngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest", abstract: "Cost of an event from its bytes to the commit, without a broker.",
    discussion: """
      Takes messages of six simulated cameras through the same pipeline as live ones, into a file in a temporary folder. Without a network only this program's own work is measured; Benchmarks/counts runs it under tools that count instructions and allocations.
      """)

  @Option(name: .long, help: "Events.") var events = 200_000
  @Option(name: .long, help: "How far they go: decode or all.") var stage = IngestBenchmark.Stage.all

  func validate() throws {
    guard (1...100_000_000).contains(events) else { throw ValidationError("give 1 to 100000000 events") }
  }

  func run() throws {
    let bench = try IngestBenchmark()
    defer { bench.remove() }
    let seconds = try bench.run(stage, events: events)
    let rate = Int(Double(events) / seconds)
    let micro = String(format: "%.2f", seconds * 1_000_000 / Double(events))
    print(
      "\(stage.rawValue): \(events) events, \(rate)/s, \(micro) µs each, commits of \(IngestBenchmark.batch)")
    if stage == .all { print(String(format: "%.0f bytes of disk an event", try bench.bytesPerEvent())) }
  }
}

extension IngestBenchmark.Stage: ExpressibleByArgument {}
