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
  @Option(
    name: .long,
    help:
      "Events come after so many hours of history at 50 events/s, which is stored before and not measured.")
  var history = 0
  @Option(name: .long, help: "So many of a hundred events are late, by up to the length of the history.")
  var late = 0
  @Flag(name: .long, help: "With the log for the central history: every event, as with central.events.")
  var log = false
  @Option(
    name: .long,
    help:
      "With --log: then ship it to this central database, made by `andon central init`: postgresql://user@host/name."
  )
  var ship: String?
  @Option(name: .long, help: "Events of a commit.") var batch = IngestBenchmark.batch
  @Option(name: .long, help: "How far they go: decode or all.") var stage = IngestBenchmark.Stage.all

  func validate() throws {
    guard (1...100_000_000).contains(events), (1...10_000).contains(workers), (1...65_536).contains(batch),
      slice.map({ (1...events).contains($0) }) ?? true
    else {
      throw ValidationError(
        "give 1 to 100000000 events, slices of no more, 1 to 10000 workers and commits of 1 to 65536 events")
    }
    guard (0...100).contains(late), (0...240).contains(history), late == 0 || history > 0 else {
      throw ValidationError(
        "give 0 to 240 hours of history, and with some of it up to 100 late events of a hundred")
    }
  }

  func run() throws {
    let before = history * 3600 * 50
    let bench = try IngestBenchmark(
      events: before + events, workers: workers, latestMs: Int64(max(1, history)) * 3_600_000)
    defer { bench.remove() }
    if before > 0 { _ = try bench.run(.all, events: before) }
    bench.latePercent = late
    bench.batchEvents = batch
    if log { try bench.switchLogOn() }
    let idle = ProcessTime.seconds
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
      "\(stage.rawValue): \(events) events, \(rate)/s, \(micro) µs each, commits of \(batch)")
    let cpu = (ProcessTime.seconds - idle) * 1_000_000 / Double(events)
    print(String(format: "%.2f µs of CPU each, making the messages included", cpu))
    if stage == .all {
      print(String(format: "%.0f bytes of disk an event", try bench.bytesPerEvent()))
      print(String(format: "%.0f bytes of log an event", try bench.logBytesPerEvent()))
      if log {
        print(
          String(
            format: "%.1f bytes of log for the central history an event", try bench.shipBytes(events: events))
        )
      }
    }
    if let ship, log { try self.ship(bench, to: ship) }
  }

  private func ship(_ bench: IngestBenchmark, to url: String) throws {
    let before = ProcessTime.seconds
    let seconds = try bench.ship(to: url)
    let micro = (ProcessTime.seconds - before) * 1_000_000 / Double(events)
    print(
      "shipped: \(events) events over one connection, \(Int(Double(events) / seconds))/s, "
        + String(format: "%.2f µs of CPU of this process each", micro))
  }
}

extension IngestBenchmark.Stage: ExpressibleByArgument {}
