import AndonCore
import Foundation
import Mosquitto

/// A site in a temporary folder that takes messages as fast as it can, without a broker, for `andon bench ingest`.
///
/// The messages are those of a small plant: six cameras, forty workers, ten stations, an id of 36 characters each.
package final class IngestBenchmark {
  package enum Stage: String, CaseIterable, Sendable {
    /// Bytes to validated events, nothing else.
    case decode
    /// Decoding, judging, storing, folding and committing.
    case all
  }

  package static let batch = 2048
  private let folder = NSTemporaryDirectory() + "andon-bench-\(UUID().uuidString)"
  private let settings: Settings
  private let store: SiteStore
  private var turn: LaneTurn
  private let startMs: Int64
  private let batch = MessageBatch()
  private var number = 0

  package init() throws {
    let yaml = "bridge: {data_dir: \(folder)}\nsites: [{id: bench, timezone: UTC, ingest: {max_age: 300d}}]"
    settings = try SettingsLoader.parse(yaml: yaml, file: "bench", environment: [:])
    store = try SiteStore.openForWriting(path: settings.databasePath(site: "bench"), siteID: "bench")
    let nowMs = WallClock.system.nowMs
    startMs = nowMs - 86_400_000
    let rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    turn = LaneTurn(rules: rules, store: store, engine: engine, clock: WallClock { nowMs })
  }

  package func remove() {
    try? store.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func payload(_ number: Int) -> (topic: String, bytes: [UInt8]) {
    let camera = "cam-0\(1 + number % 6)"
    let state = ["working", "working", "idle", "absent"][number / 40 % 4]
    let id = String(format: "%08x-0000-4000-8000-%012x", number, number * 7)
    let text = """
      {"site_id":"bench","camera_id":"\(camera)","timestamp":\(startMs + Int64(number) * 20),\
      "worker_id":"W\(number % 40)","workstation_id":"S\(number % 10)","event_type":"\(state)",\
      "confidence":0.\(8000 + number % 1900),"model_version":"yolov8-1.2.0","event_id":"\(id)"}
      """
    return ("andon/v1/bench/camera/\(camera)/event", Array(text.utf8))
  }

  /// Takes so many events; making the messages is not counted. Returns seconds.
  package func run(_ stage: Stage, events: Int) throws -> Double {
    var seconds = 0.0
    var left = events
    while left > 0 {
      batch.removeAll()
      for _ in 0..<min(left, Self.batch) {
        let (topic, bytes) = payload(number)
        batch.append(topic: topic, payload: bytes)
        number += 1
      }
      left -= batch.count
      let start = ContinuousClock.now
      switch stage {
      case .decode: precondition(turn.decode(batch) == batch.count, "every message is an event")
      case .all:
        let update = try turn.commit(batch)
        precondition(update?.counters.stored == Int64(batch.count), "every message is stored")
      }
      seconds += (ContinuousClock.now - start) / .seconds(1)
    }
    return seconds
  }

  /// What the file takes on the disk for each event so far, bytes.
  package func bytesPerEvent() throws -> Double {
    Double(try store.sizeInBytes()) / Double(max(1, try store.eventCount()))
  }
}
