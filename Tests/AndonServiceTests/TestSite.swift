import AndonCore
import Foundation

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// A site in a temporary folder, driven without a broker.
final class TestSite {
  let folder = NSTemporaryDirectory() + "andon-site-\(UUID().uuidString)"
  let settings: Settings
  let site: SiteSettings
  let store: SiteStore
  var turn: IngestPipeline
  static let nowMs: Int64 = 1_768_472_100_000  // 2026-01-15T10:15:00Z

  /// - Parameters:
  ///   - more: Keys of the site.
  ///   - sections: Further sections of the configuration.
  init(_ more: String = "", sections: String = "") throws {
    let yaml = "bridge: {data_dir: \(folder)}\n\(sections)\nsites: [{id: plant-a, timezone: UTC\(more)}]"
    settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
    site = settings.sites[0]
    store = try SiteStore.openForWriting(path: settings.databasePath(site: "plant-a"), siteID: "plant-a")
    turn = try Self.turn(settings, store)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// - Parameter flushIntervalMs: The clock stands still, so a pipeline with an interval flushes when it is told.
  static func turn(
    _ settings: Settings, _ store: SiteStore, flushIntervalMs: Int64 = 0
  ) throws -> IngestPipeline {
    var rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    rules.flushIntervalMs = flushIntervalMs
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    return IngestPipeline(rules: rules, store: store, engine: engine, clock: WallClock { nowMs })
  }

  /// As after a restart of the bridge.
  func restart(flushIntervalMs: Int64 = 0) throws {
    turn = try Self.turn(settings, store, flushIntervalMs: flushIntervalMs)
  }

  func add(_ payload: String, camera: String = "cam-01") {
    turn.add(payload: Array(payload.utf8), camera: camera)
  }

  static func event(
    _ atMs: Int64, _ kind: String = "working", worker: String = "W1", confidence: String = "0.9",
    more: String = ""
  ) -> String {
    #"{"timestamp":\#(atMs),"worker_id":"\#(worker)","workstation_id":"S1","event_type":"\#(kind)","confidence":\#(confidence)\#(more)}"#
  }
}
