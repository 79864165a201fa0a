import AndonCentral
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import Foundation
import Mosquitto
import Postgres
import Synchronization

/// A site in a temporary folder that ingests messages as fast as it can, without a broker, for `andon-bench
/// ingest`.
///
/// The messages are those of a plant with six cameras, ten stations and event ids of 36 characters: 50 events
/// a second, each of the next worker.
final class IngestBenchmark {
  enum Stage: String, CaseIterable, Sendable {
    /// Bytes to validated events, nothing else.
    case decode
    /// Decode, judge, store, summarize and commit.
    case all
  }

  static let batch = 8192
  /// How much time a commit takes by the bridge's clock, not the time that it really takes. So each run
  /// flushes after the same commits.
  private static let commitMs: Int64 = 85
  private static let stepMs: Int64 = 20
  private let folder = NSTemporaryDirectory() + "andon-bench-\(UUID().uuidString)"
  private let settings: Settings
  private let store: SiteStore
  private var turn: IngestPipeline
  private let startMs: Int64
  private let batch = MessageBatch()
  private var forms: [Form]
  private var number = 0
  /// So many of a hundred events are up to `latestMs` late.
  var latePercent = 0
  /// Events of a commit.
  var batchEvents = IngestBenchmark.batch
  private let latestMs: Int64
  private var log: WriteAheadLog
  private let clock: CommitClock

  private final class CommitClock: Sendable {
    private let ms: Mutex<Int64>

    init(startMs: Int64) { ms = Mutex(startMs) }

    var nowMs: Int64 { ms.withLock(\.self) }

    func advance() { ms.withLock { $0 += IngestBenchmark.commitMs } }
  }

  /// - Parameters:
  ///   - events: How many events there will be in all: the last one has the current time.
  ///   - latestMs: how late an event can be.
  init(events: Int, workers: Int, latestMs: Int64 = 1) throws {
    self.latestMs = latestMs
    // A multiple of all that varies: workers, their four states and the cameras.
    let varieties = workers * 12
    forms = (0..<varieties * max(1, 4800 / varieties)).map { Form($0, workers: workers) }
    let yaml = "bridge: {data_dir: \(folder)}\nsites: [{id: bench, timezone: UTC, ingest: {max_age: 300d}}]"
    settings = try SettingsLoader.parse(yaml: yaml, file: "bench", environment: [:])
    let path = settings.databasePath(site: "bench")
    store = try SiteStore.openForWriting(path: path, siteID: "bench")
    log = try WriteAheadLog(databasePath: path)
    let clock = CommitClock(startMs: WallClock.system.nowMs)
    startMs = clock.nowMs - Int64(events) * Self.stepMs
    var rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    rules.flushIntervalMs = 1000
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: WallClock { clock.nowMs })
    self.clock = clock
  }

  func remove() {
    try? store.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A message into which only time and id must be written.
  private struct Form {
    let topic: String
    var bytes: [UInt8]
    let timestampEnd: Int
    let idEnd: Int

    init(_ number: Int, workers: Int) {
      let camera = "cam-0\(1 + number % 6)"
      let state = ["working", "working", "idle", "absent"][number / workers % 4]
      let start = "{\"site_id\":\"bench\",\"camera_id\":\"\(camera)\",\"timestamp\":\(1_700_000_000_000)"
      let id = ",\"event_id\":\"3f2c8a52-0000-4000-8000-000000000000"
      let end = """
        ","worker_id":"W\(number % workers)","workstation_id":"S\(number % 10)","event_type":"\(state)",\
        "confidence":0.\(8000 + number % 1900),"model_version":"yolov8-1.2.0"}
        """
      topic = "andon/v1/bench/camera/\(camera)/event"
      bytes = Array((start + id + end).utf8)
      timestampEnd = start.utf8.count
      idEnd = timestampEnd + id.utf8.count
    }

    mutating func fill(timestampMs: Int64, id: Int) {
      write(timestampMs, endingAt: timestampEnd)
      write(Int64(id), endingAt: idEnd)
    }

    private mutating func write(_ number: Int64, endingAt end: Int) {
      var (rest, place) = (number, end)
      while rest > 0 {
        place -= 1
        bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
    }
  }

  /// How late the next event is.
  private func latenessMs() -> Int64 {
    guard latePercent > 0 else { return 0 }
    var random = SplitMix64(seed: UInt64(number))
    return Int64(random.next() % 100) < latePercent ? Int64(random.next() % UInt64(latestMs)) : 0
  }

  /// Ingests this many events; making the messages is not timed. Returns seconds.
  func run(_ stage: Stage, events: Int) throws -> Double {
    var seconds = 0.0
    var left = events
    while left > 0 {
      batch.removeAll()
      for _ in 0..<min(left, batchEvents) {
        let form = number % forms.count
        forms[form].fill(timestampMs: startMs + Int64(number) * Self.stepMs - latenessMs(), id: number)
        batch.append(topic: forms[form].topic, payload: forms[form].bytes)
        number += 1
      }
      left -= batch.count
      let start = ContinuousClock.now
      switch stage {
      case .decode: precondition(turn.decode(batch) == batch.count, "every message is an event")
      case .all:
        let update = try turn.commit(batch)
        precondition(update?.counters.stored == Int64(batch.count), "every message is stored")
        clock.advance()
        if left == 0 { try turn.flush(closesAll: true) }
      }
      seconds += (ContinuousClock.now - start) / .seconds(1)
      if stage == .all { try log.look() }
    }
    return seconds
  }

  /// What went through the write-ahead log for each event so far, bytes.
  func logBytesPerEvent() throws -> Double {
    Double(log.bytes) / Double(max(1, try store.eventCount()))
  }

  /// Every event goes into the log for the central history from now on.
  func switchLogOn() throws {
    try store.setLog(ShipSelection(events: true, scopes: [.site, .workstation]))
  }

  /// Bytes of bodies for each of so many events.
  func shipBytes(events: Int) throws -> Double {
    Double(try store.shipState()?.backlogBytes ?? 0) / Double(max(1, events))
  }

  /// Ships all that is in the log, as a bridge does with a backlog. Returns seconds.
  func ship(to url: String) throws -> Double {
    let server = try PostgresSettings(url: url)
    let sites = [(settings.sites[0], store)]
    let shipper = Shipper(
      bridge: "bench", retentionMs: nil, place: server.place, source: { sites }
    ) { () throws(CentralError) in try CentralSession(server, incarnation: UUID().uuidString) }
    defer { shipper.close() }
    let start = ContinuousClock.now
    while case let outcome = shipper.round(), outcome != .idle {
      if case .waiting = outcome { throw PostgresError(.usage, shipper.status.trouble ?? "it does not ship") }
    }
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// The size on disk for each event so far, bytes.
  func bytesPerEvent() throws -> Double {
    Double(try BenchmarkDatabase(path: settings.databasePath(site: "bench")).sizeInBytes())
      / Double(max(1, try store.eventCount()))
  }
}
