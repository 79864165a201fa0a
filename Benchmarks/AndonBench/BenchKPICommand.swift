import AndonCore
import ArgumentParser
import Foundation

/// `andon-bench kpi`
struct BenchKPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kpi", abstract: "Cost of KPIs: from summaries against a recompute, with growing history.",
    discussion: """
      Fills a site's file in a temporary folder with shifts of 8 hours of simulated workers through the same pipeline as live events, and asks for one shift again and again. Prints a table.
      """)

  @Option(name: .long, help: "Workers.") var workers = 1000
  @Option(name: .long, help: "Shifts of history; the growth is measured after the first and after the last.")
  var shifts = 4
  @Option(name: .long, help: "Seconds between two events of a worker.") var period = 10
  @Option(name: .long, help: "Repetitions of each query; medians are printed.") var rounds = 15

  @Flag(name: .long, help: "The site has shifts, and so has stops.") var planned = false

  private static let shiftMs: Int64 = 8 * 3_600_000

  func validate() throws {
    guard (1...10_000).contains(workers), (1...3600).contains(period), (1...100).contains(shifts),
      (1...1000).contains(rounds)
    else {
      throw ValidationError(
        "give 1 to 10000 workers, a period of 1 to 3600 s, 1 to 100 shifts and 1 to 1000 rounds")
    }
  }

  func run() throws {
    let bench = try KPIBenchmark(workers: workers, periodMs: Int64(period) * 1000, isPlanned: planned)
    defer { bench.remove() }
    let endMs = Int64(Date().timeIntervalSince1970 * 1000) / Self.shiftMs * Self.shiftMs
    let startMs = endMs - Int64(shifts) * Self.shiftMs
    print("\(workers) workers, shifts of 8 h, one event a worker every \(period) s")
    print("engine and open hour and day of \(workers) workers: \(try memoryKilobytes()) kB of memory")
    for shift in 0..<shifts {
      let fromMs = startMs + Int64(shift) * Self.shiftMs
      let fill = try bench.fill(fromMs: fromMs, toMs: fromMs + Self.shiftMs)
      print(
        "shift \(shift + 1): \(fill.events) events stored in order at \(Int(Double(fill.events) / fill.seconds))/s,"
          + " commits of \(KPIBenchmark.batch)")
      guard shift == 0 || shift == shifts - 1 else { continue }
      // Always the first shift: the amount of other stored data must not matter.
      let first = Window(
        kind: .shift, startMs: startMs, endMs: startMs + Self.shiftMs, shiftID: "early",
        breaks: [startMs + 7_200_000..<startMs + 8_100_000])
      let crooked = Window(fromMs: startMs + 123_457, toMs: startMs + Self.shiftMs - 765_433)
      let unpacked = try bench.median(rounds) { try bench.query(first, .site, recomputes: false) }
      try bench.pack()
      let summed = try bench.median(rounds) { try bench.query(first, .site, recomputes: false) }
      let all = try bench.median(rounds) { try bench.query(first, nil, recomputes: false) }
      let edges = try bench.median(max(1, rounds / 5)) { try bench.query(crooked, .site, recomputes: false) }
      let live = try bench.liveRead(atMs: fromMs + Self.shiftMs - 1_000_000, rounds: rounds)
      let recomputed = try bench.median(1) { try bench.query(first, .site, recomputes: true) }
      let sql = try bench.median(max(1, rounds / 5)) { try bench.sqlRecompute(first) }
      print(
        """
          site KPIs of one shift from summaries          \(Self.ms(summed))
          the same before quiet summaries were packed    \(Self.ms(unpacked))
          site, workstations and workers of one shift    \(Self.ms(all))
          site KPIs of a range with edges inside buckets  \(Self.ms(edges))
          all windows that are published, each second     \(Self.ms(live))
          site KPIs recomputed from the events           \(Self.ms(recomputed))   \(Self.times(recomputed, summed))
          working and idle alone by SQL window functions \(Self.ms(sql))   \(Self.times(sql, summed))
        """)
    }
    let late = try bench.fillLate(events: 20_000, fromMs: startMs, toMs: endMs)
    let inOrder = try bench.fill(fromMs: endMs, toMs: endMs + 20_000 * Int64(period) * 1000 / Int64(workers))
    print(
      """
      in order  \(Self.micro(inOrder)) an event
      late      \(Self.micro(late)) an event, \(Self.times(late.perEvent, inOrder.perEvent)) of one in order \
      (each of another quarter of an hour of the whole history)
      aggregating alone, in memory  \(String(format: "%.0f ns", try bench.aggregationNanoseconds())) an event
      """)
    let start = try bench.startUp()
    print(
      """
      start-up with \(start.events) events (\(start.bytes / 1_048_576) MB): first commit after \(Self.ms(start.seconds))
      """)
  }

  /// In a file of its own: beside current events, all filled-in history would be late.
  private func memoryKilobytes() throws -> Int {
    let bench = try KPIBenchmark(workers: workers, periodMs: Int64(period) * 1000)
    defer { bench.remove() }
    return try bench.memoryKilobytes()
  }

  private static func ms(_ seconds: Double) -> String { String(format: "%9.2f ms", seconds * 1000) }
  private static func micro(_ fill: KPIBenchmark.Fill) -> String {
    String(format: "%.2f µs", fill.perEvent * 1_000_000)
  }
  private static func times(_ left: Double, _ right: Double) -> String {
    String(format: "%.1f ×", left / right)
  }
}
