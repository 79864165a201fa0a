import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// A whole bridge in this process, for fault tests.
struct TestBridge {
  let broker: Broker
  let folder: URL
  let settings: Settings
  /// All log entries, as text.
  let log = LogRecorder()
  let environment: [String: String]
  private let yaml: String

  /// - Parameters:
  ///    - broker: Lines below `broker:` besides the URL, each indented by two spaces.
  ///    - more: Further sections.
  init(
    _ broker: Broker, url: String? = nil, brokerLines: String = "", more: String = "",
    sites: [String] = ["plant-a"], folder: URL? = nil, environment: [String: String] = [:]
  ) throws {
    self.broker = broker
    self.folder = try folder ?? TemporaryFolder.make("bridge")
    self.environment = environment
    yaml = """
      bridge: {id: b1, data_dir: \(self.folder.path)}
      broker:
        url: '\(url ?? "mqtt://127.0.0.1:\(broker.port)")'
      \(brokerLines)
      http: {listen: 'off'}
      kpi: {publish_interval: 200ms, windows: [day]}
      \(more)
      sites: [\(sites.map { "{id: \($0), timezone: UTC}" }.joined(separator: ", "))]
      """
    settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: environment)
  }

  /// Runs the bridge, runs the work and stops the bridge gracefully. Does not wait until the bridge is ready.
  func run(
    clock: WallClock = .system, _ work: (StatusBoard) async throws -> Void
  ) async throws {
    let log = log
    var logger = Logger(label: "test") { _ in log }
    logger.logLevel = .debug
    let bridge = try Bridge(
      settings: settings, environment: environment, clock: clock, signals: [], logger: logger)
    // Other tests may occupy the shared pool for a long time.
    let executor = ThreadExecutor("bridge")
    defer { executor.end() }
    let running = Task(executorPreference: executor) { try await bridge.run() }
    var failure: (any Error)?
    do { try await work(bridge.board) } catch { failure = error }
    await bridge.stop()
    try await running.value
    if let failure { throw failure }
  }

  /// Like `run`, but waits until the bridge is ready.
  func runReady(_ work: (StatusBoard) async throws -> Void) async throws {
    try await run { board in
      try await Self.until("the bridge to be ready") { board.isReady }
      try await work(board)
    }
  }

  /// The configuration as a file, for the real program.
  func writeFile() throws -> String {
    let file = folder.appending(path: "andon.yaml")
    try yaml.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  static func until(
    _ what: String, seconds: Double = 120, _ condition: () throws -> Bool
  ) async throws {
    try await eventually(what, seconds: seconds, condition)
  }

  func path(_ site: String = "plant-a") -> String { settings.databasePath(site: site) }

  func reading(_ site: String = "plant-a") throws -> SiteStore {
    try SiteStore.openForReading(path: path(site), siteID: site)
  }

  static func topic(_ site: String = "plant-a", camera: String = "cam-01") -> String {
    "andon/v1/\(site)/camera/\(camera)/event"
  }

  /// Events of the current time, one per number, each with its own time and `event_id`.
  static func events(_ range: Range<Int>) -> [Publication] {
    let nowMs = WallClock.system.nowMs
    return range.map {
      Publication(
        topic: topic(),
        payload: Array(TestSite.event(nowMs - Int64($0), more: #","event_id":"e\#($0)""#).utf8))
    }
  }
}

extension StatusBoard {
  func with(gaps: [GapRow]) -> StatusBoard {
    update("plant-a") { $0.gaps = gaps }
    return self
  }

  func site(_ id: String = "plant-a") -> SiteStatus {
    snapshot.first { $0.siteID == id } ?? SiteStatus(siteID: id)
  }
}
