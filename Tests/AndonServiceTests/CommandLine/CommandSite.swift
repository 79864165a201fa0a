import AndonCore
import Foundation
import TestSupport

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// One site in a temporary folder with a configuration file, for commands of the real program.
final class CommandSite {
  let folder: URL
  let config: String
  let settings: Settings

  init(_ more: String = "", name: String = "cli") throws {
    folder = try TemporaryFolder.make(name)
    config = folder.appending(path: "andon.yaml").path
    let yaml = """
      bridge: {id: b1, data_dir: \(folder.path)/data}
      http: {listen: 'off'}
      sites:
        - id: plant-a
          timezone: Europe/Berlin
          shifts: [{id: early, start: "06:00", end: "14:00"}, {id: late, start: "14:00", end: "22:00"}]
      \(more)
      """
    try yaml.write(toFile: config, atomically: true, encoding: .utf8)
    settings = try SettingsLoader.parse(yaml: yaml, file: config, environment: [:])
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var path: String { settings.databasePath(site: "plant-a") }

  func file(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    return file(name)
  }

  /// Runs a command for the site and returns standard output and standard error separately.
  func run(_ command: [String], _ more: [String] = []) throws -> Command.Result {
    try Command.outputs(
      AndonProcess.executable, command + ["--config", config, "--site", "plant-a"] + more)
  }

  /// Stores events as if each had arrived at its own time, however old it is.
  func receive(_ events: [(event: Event, camera: String)]) throws {
    try receive(
      events.sorted { $0.event.timestampMs < $1.event.timestampMs }.map {
        ($0.event.timestampMs, EventWriter.json($0.event), $0.camera)
      })
  }

  /// Stores payloads as if each had arrived at that time from that camera.
  func receive(_ payloads: [(atMs: Int64, payload: [UInt8], camera: String)]) throws {
    let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    let rules = IngestRules(site: settings.sites[0], root: settings.topics.root)
    let engine = try SiteEngine(store: store, rules: rules, drift: DriftSettings(settings.sites[0].drift))
    let clock = ManualClock()
    var turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: WallClock { clock.nowMs })
    for (atMs, payload, camera) in payloads {
      clock.nowMs = atMs
      turn.add(payload: payload, camera: camera)
      if turn.added >= 500 { _ = try turn.commitAdded() }
    }
    _ = try turn.commitAdded()
    try store.close()
  }
}

/// A clock that a test sets. Only one thread may use it.
final class ManualClock: @unchecked Sendable {
  var nowMs: Int64 = 0
}
