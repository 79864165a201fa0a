import ArgumentParser
import Foundation

/// `andon-bench ingest`
struct BenchIngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest", abstract: "Cost of an event from its bytes to the commit, without a broker.",
    discussion: """
      Takes messages of six simulated cameras through the same pipeline as live ones, into a file in a temporary folder. Without a network only this program's own work is measured; Benchmarks/counts runs it under tools that count instructions and allocations.
      """)

  @Option(name: .long, help: "Events.") var events = 200_000
  @Option(name: .long, help: "Workers that they are of.") var workers = 50
  @Option(
    name: .long, help: "Also print the rate of each slice of so many events: does it fall as the file grows?")
  var slice: Int?
  @Option(name: .long, help: "How far they go: decode or all.") var stage = IngestBenchmark.Stage.all

  func validate() throws {
    guard (1...100_000_000).contains(events), (1...10_000).contains(workers),
      slice.map({ (1...events).contains($0) }) ?? true
    else {
      throw ValidationError("give 1 to 100000000 events, slices of no more, and 1 to 10000 workers")
    }
  }

  func run() throws {
    let bench = try IngestBenchmark(events: events, workers: workers)
    defer { bench.remove() }
    var seconds = 0.0
    var done = 0
    while done < events {
      let count = min(slice ?? events, events - done)
      let took = try bench.run(stage, events: count)
      done += count
      seconds += took
      if slice != nil { print("\(done) stored: \(Int(Double(count) / took))/s") }
    }
    let rate = Int(Double(events) / seconds)
    let micro = String(format: "%.2f", seconds * 1_000_000 / Double(events))
    print(
      "\(stage.rawValue): \(events) events, \(rate)/s, \(micro) µs each, commits of \(IngestBenchmark.batch)")
    if stage == .all {
      print(String(format: "%.0f bytes of disk an event", try bench.bytesPerEvent()))
      print(String(format: "%.0f bytes of log an event", try bench.logBytesPerEvent()))
    }
  }
}

extension IngestBenchmark.Stage: ExpressibleByArgument {}
