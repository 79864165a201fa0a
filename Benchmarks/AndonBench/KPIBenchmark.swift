import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import Foundation

/// A site in a temporary folder that is filled and queried, for `andon-bench kpi`.
final class KPIBenchmark {
  struct Fill {
    var events: Int
    var seconds: Double

    var perEvent: Double { seconds / Double(max(1, events)) }
  }

  static let batch = 2048
  private let folder = NSTemporaryDirectory() + "andon-bench-\(UUID().uuidString)"
  private let settings: Settings
  private let site: SiteSettings
  private let path: String
  private var store: SiteStore
  /// Opened once: a comparison must not time how long that takes.
  private let database: BenchmarkDatabase
  private var turn: IngestPipeline
  private var shift: BenchmarkShift
  private var random = SplitMix64(seed: 99)
  private let nowMs: Int64

  /// - Parameter isPlanned: The site has shifts of 8 h with a break, and so has stops.
  init(workers: Int, periodMs: Int64, isPlanned: Bool = false) throws {
    let shifts = [("00", "02", "08"), ("08", "10", "16"), ("16", "18", "00")].map { start, pause, end in
      #"{id: s\#(start), start: "\#(start):00", end: "\#(end):00", breaks: [{start: "\#(pause):00", end: "\#(pause):15"}]}"#
    }
    let yaml =
      "bridge: {data_dir: \(folder)}\nsites: [{id: bench, timezone: UTC, ingest: {max_age: 300d}, "
      + "shifts: [\(isPlanned ? shifts.joined(separator: ", ") : "")]}]"
    settings = try SettingsLoader.parse(yaml: yaml, file: "bench", environment: [:])
    site = settings.sites[0]
    path = settings.databasePath(site: site.id)
    store = try SiteStore.openForWriting(path: path, siteID: site.id)
    database = try BenchmarkDatabase(path: path)
    nowMs = WallClock.system.nowMs + 86_400_000
    turn = try Self.turn(settings, store, nowMs: nowMs)
    shift = BenchmarkShift(workers: workers, periodMs: periodMs, seed: 1)
  }

  func remove() {
    try? store.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func turn(_ settings: Settings, _ store: SiteStore, nowMs: Int64) throws -> IngestPipeline {
    var rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    rules.flushIntervalMs = 1000
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    return IngestPipeline(rules: rules, store: store, engine: engine, clock: WallClock { nowMs })
  }

  /// Stores a span in order of time. Making the payloads is not timed.
  func fill(fromMs: Int64, toMs: Int64) throws -> Fill {
    var fill = Fill(events: 0, seconds: 0)
    var waiting: [(payload: [UInt8], camera: String)] = []
    try shift.visit(fromMs: fromMs, toMs: toMs) { sighting in
      waiting.append((EventWriter.json(sighting.event), sighting.cameraID))
      if waiting.count == Self.batch { try commit(&waiting, &fill) }
    }
    try commit(&waiting, &fill)
    try flush(&fill)
    return fill
  }

  /// Stores events at random instants of a span that is filled already.
  func fillLate(events: Int, fromMs: Int64, toMs: Int64) throws -> Fill {
    var fill = Fill(events: 0, seconds: 0)
    var waiting: [(payload: [UInt8], camera: String)] = []
    for number in 0..<events {
      let atMs = Int64.random(in: fromMs..<toMs, using: &random)
      var event = shift.one(atMs: atMs)
      event.workerID = "W\(number % shift.workerCount)"
      waiting.append((EventWriter.json(event), "cam-0"))
      if waiting.count >= Self.batch { try commit(&waiting, &fill) }
    }
    try commit(&waiting, &fill)
    try flush(&fill)
    return fill
  }

  private func commit(_ waiting: inout [(payload: [UInt8], camera: String)], _ fill: inout Fill) throws {
    let start = ContinuousClock.now
    for (payload, camera) in waiting { turn.add(payload: payload, camera: camera) }
    _ = try turn.commitAdded()
    fill.seconds += (ContinuousClock.now - start) / .seconds(1)
    fill.events += waiting.count
    waiting.removeAll(keepingCapacity: true)
  }

  private func flush(_ fill: inout Fill) throws {
    let start = ContinuousClock.now
    try turn.flush(closesAll: true)
    fill.seconds += (ContinuousClock.now - start) / .seconds(1)
  }

  /// Compacts every quiet bucket, as the maintenance service does.
  func pack() throws {
    while try store.compactBucket(before: nowMs, timeoutMs: site.ingest.stateTimeoutMs) {}
  }

  /// Runs the query once and discards the answer.
  func query(_ window: Window, _ scope: KPIScope?, recomputes: Bool) throws {
    let scopes = scope.map { Set([$0]) } ?? Set(KPIScope.allCases)
    let records = try KPIQuery(site: site, recomputes: recomputes, scopes: scopes)
      .records(store, windows: [window], nowMs: nowMs)
    precondition(!records.isEmpty, "the shift has figures")
  }

  /// The way without Andon: window functions over the rows, for the two simplest sums only.
  func sqlRecompute(_ window: Window) throws {
    try database.sumBySQL(
      fromMs: window.startMs, toMs: window.endMs, timeoutMs: site.ingest.stateTimeoutMs)
  }

  /// The median time of a read of all windows that are published, once a second, seconds.
  func liveRead(atMs nowMs: Int64, rounds: Int) throws -> Double {
    var live = LiveWindows(site: site)
    for closed in try live.read(store, nowMs: nowMs).closed { live.settle(closed.window) }
    var atMs = nowMs
    return try median(rounds) {
      atMs += 1000
      _ = try live.read(store, nowMs: atMs)
    }
  }

  /// The median time of `rounds` runs, seconds.
  func median(_ rounds: Int, _ body: () throws -> Void) throws -> Double {
    var times: [Double] = []
    for _ in 0..<rounds {
      let start = ContinuousClock.now
      try body()
      times.append((ContinuousClock.now - start) / .seconds(1))
    }
    return times.sorted()[times.count / 2]
  }

  /// The time to build one worker's summary in memory, nanoseconds an event.
  func aggregationNanoseconds() throws -> Double {
    var events: [EventList.Entry] = []
    var other = BenchmarkShift(workers: 1, periodMs: 1000, seed: 5)
    other.visit(fromMs: 0, toMs: 900_000) { sighting in
      let event = sighting.event
      events.append(
        EventList.Entry(
          offset: UInt32(event.timestampMs), kind: event.kind, isAccepted: true, count: event.count,
          workstation: 1, camera: 2))
    }
    let seconds = try median(25) {
      for _ in 0..<200 {
        var summary = TimelineSummary(timeoutMs: site.ingest.stateTimeoutMs)
        for event in events { summary.append(event, originMs: 0) }
        precondition(!summary.isEmpty, "every event leaves something")
      }
    }
    return seconds * 1_000_000_000 / Double(200 * events.count)
  }

  /// Closes and opens the file as a restart does, up to the first commit.
  func startUp() throws -> (seconds: Double, events: Int64, bytes: Int64) {
    let events = try store.eventCount()
    try store.close()
    let start = ContinuousClock.now
    store = try SiteStore.openForWriting(path: path, siteID: site.id)
    turn = try Self.turn(settings, store, nowMs: nowMs)
    turn.add(payload: EventWriter.json(shift.one(atMs: nowMs - 1)), camera: "cam-0")
    _ = try turn.commitAdded()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? 0
    return (seconds, events, size)
  }

  /// The memory of an engine that has seen every worker, and of the open windows of all of them.
  func memoryKilobytes() throws -> Int {
    let before = Self.residentKilobytes()
    var fill = Fill(events: 0, seconds: 0)
    var waiting = shift.everyone(atMs: nowMs - 60_000)
      .map { (payload: EventWriter.json($0.event), camera: $0.cameraID) }
    try commit(&waiting, &fill)
    waiting = []
    let windows = try database.openAggregates(site: site, nowMs: nowMs)
    let after = Self.residentKilobytes()
    precondition(windows.count == 2, "there is an hour and a day at every time")
    return max(0, after - before)
  }

  private static func residentKilobytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
  }
}
