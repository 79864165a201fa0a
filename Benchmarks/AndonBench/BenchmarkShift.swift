import AndonCore
import AndonRuntime

/// A plant's shifts for benchmarks: every worker is seen once a period, changes state every few minutes and
/// makes units while working. Equal seeds give equal events, in order of time, as cameras send them.
struct BenchmarkShift {
  struct Sighting: Sendable {
    var event: Event
    var cameraID: String
  }

  private struct Worker {
    var state = EventKind.working
    var untilMs: Int64 = 0
    var station = 0
  }

  private let names: [String]
  private let stations: [String]
  private let cameras: [String]
  private let periodMs: Int64
  private var workers: [Worker]
  private var random: SplitMix64

  init(workers: Int, periodMs: Int64 = 10_000, seed: UInt64) {
    names = (0..<workers).map { "W\($0)" }
    stations = (0..<max(1, workers / 4)).map { "S\($0)" }
    cameras = (0..<max(1, workers / 20)).map { "cam-\($0)" }
    self.periodMs = periodMs
    self.workers = [Worker](repeating: Worker(), count: workers)
    random = SplitMix64(seed: seed)
  }

  var workerCount: Int { workers.count }

  /// What the first worker does at that instant.
  mutating func one(atMs: Int64) -> Event { sighting(0, atMs: atMs).event }

  /// What all workers do at about that instant.
  mutating func everyone(atMs: Int64) -> [Sighting] {
    workers.indices.map { sighting($0, atMs: atMs + Int64($0 % 1000)) }
  }

  /// Visits all events in `[fromMs, toMs)`, in order of time.
  mutating func visit(fromMs: Int64, toMs: Int64, _ body: (Sighting) throws -> Void) rethrows {
    var tickMs = fromMs
    while tickMs < toMs {
      for index in workers.indices {
        let atMs = tickMs + Int64(index) * periodMs / Int64(workers.count)
        guard atMs < toMs else { break }
        try body(sighting(index, atMs: atMs))
      }
      tickMs += periodMs
    }
  }

  private mutating func sighting(_ index: Int, atMs: Int64) -> Sighting {
    if atMs >= workers[index].untilMs {
      let draw = random.next() % 100
      workers[index].state = draw < 70 ? .working : draw < 92 ? .idle : .absent
      workers[index].untilMs = atMs + 60_000 + Int64(random.next() % 480_000)
      if random.next() % 10 == 0 { workers[index].station = Int(random.next() % UInt64(stations.count)) }
    }
    let isUnit = workers[index].state == .working && random.next() % 8 == 0
    let event = Event(
      timestampMs: atMs, workerID: names[index], workstationID: stations[workers[index].station],
      kind: isUnit ? .productCount : workers[index].state,
      confidencePpm: 800_000 + Int32(random.next() % 200_000), count: isUnit ? 1 : 0,
      modelVersion: "yolov8-1.2.0")
    return Sighting(event: event, cameraID: cameras[index % cameras.count])
  }
}
