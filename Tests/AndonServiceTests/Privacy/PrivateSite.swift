import AndonCore
import Foundation

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPrivacy
@testable import AndonRuntime
@testable import AndonStore

/// A site's pipeline without a broker, with a clock that is set, in a folder that another one may share.
final class PrivateSite {
  let folder: String
  let site: SiteSettings
  let store: SiteStore
  var turn: IngestPipeline
  private let clock: SetClock

  /// A clock for one thread at a time.
  final class SetClock: @unchecked Sendable { var nowMs = TestSite.nowMs }

  var nowMs: Int64 {
    get { clock.nowMs }
    set { clock.nowMs = newValue }
  }

  /// - Parameters:
  ///   - privacy: Keys of `privacy`.
  ///   - name: The file; several sites of one test lie in one folder.
  init(_ privacy: String, more: String = "", folder: String, name: String = "data") throws {
    self.folder = folder
    let yaml = """
      bridge: {data_dir: \(folder)/\(name)}
      privacy: {\(privacy)}
      sites: [{id: plant-a, timezone: UTC, shifts: [{id: early, start: "06:00", end: "14:00"},
        {id: late, start: "14:00", end: "22:00"}, {id: night, start: "22:00", end: "06:00"}]\(more)}]
      """
    let settings = try SettingsLoader.parse(yaml: yaml, file: "test.yaml", environment: [:])
    let (site, clock) = (settings.sites[0], SetClock())
    (self.site, self.clock) = (site, clock)
    store = try SiteStore.openForWriting(path: settings.databasePath(site: "plant-a"), siteID: "plant-a")
    let rules = IngestRules(site: site, settings: settings)
    let engine = try SiteEngine(
      store: store, rules: rules, drift: DriftSettings(site.drift), nowMs: TestSite.nowMs)
    turn = IngestPipeline(rules: rules, store: store, engine: engine, clock: WallClock { clock.nowMs })
  }

  func add(_ payload: String, camera: String = "cam-01") {
    turn.add(payload: Array(payload.utf8), camera: camera)
  }

  func add(_ events: [Event], camera: String = "cam-01") throws {
    for event in events { turn.add(payload: EventWriter.json(event), camera: camera) }
    _ = try turn.commitAdded()
  }

  /// The workers of the stored events, in order of time.
  func workers() throws -> [String] {
    var workers: [String] = []
    try store.visitEvents(fromMs: .min, toMs: .max) { workers.append($0.event.workerID) }
    return workers
  }

  /// The records of a range as they are answered.
  func figures(
    _ fromMs: Int64, _ toMs: Int64, recomputes: Bool = false, scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) throws -> [String] {
    try KPIQuery(site: site, recomputes: recomputes, scopes: scopes)
      .range(fromMs: fromMs, toMs: toMs, store, nowMs: toMs)
      .map { String(decoding: $0.json(revision: nil), as: UTF8.self) }
  }
}
