import AndonCore
import Foundation
import TestSupport

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// A site on a disk that can fail, whose process can die and restart.
final class CrashSite {
  let disk: FaultyDisk
  let settings: Settings
  private(set) var store: SiteStore
  var turn: IngestPipeline

  init(_ more: String = "", isMemory: Bool = true) throws {
    disk = try FaultyDisk("crash", isMemory: isMemory)
    let yaml = "bridge: {data_dir: \(disk.folder.path)}\nsites: [{id: plant-a, timezone: UTC\(more)}]"
    settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
    store = try Self.open(settings)
    turn = try TestSite.turn(settings, store)
  }

  var path: String { settings.databasePath(site: "plant-a") }

  private static func open(_ settings: Settings) throws -> SiteStore {
    try SiteStore.openForWriting(path: settings.databasePath(site: "plant-a"), siteID: "plant-a")
  }

  /// Kills the process without a shutdown. With `powerCut` the machine also loses power and all writes that
  /// were not synced; with a seed other than 0, a random part of them.
  func die(powerCut seed: UInt64? = nil) {
    disk.stop()
    try? store.close()
    if let seed { disk.cutPower(seed: seed) }
    disk.restart()
  }

  /// Restarts after `die`.
  func start() throws {
    store = try Self.open(settings)
    turn = try TestSite.turn(settings, store)
  }

  /// Commits these events as one batch.
  func commit(_ events: [String]) throws {
    for event in events { turn.add(payload: Array(event.utf8), camera: "cam-01") }
    _ = try turn.commitAdded()
  }

  /// The worker ids of the stored events, sorted.
  func workers() throws -> [String] {
    var workers: [String] = []
    try store.visitEvents(fromMs: .min, toMs: .max) { workers.append($0.event.workerID) }
    return workers.sorted()
  }
}
