import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonRuntime
@testable import AndonSimulation
@testable import AndonStore

@Suite(.ownThread) struct DemoPlantTests {
  /// What the first seconds of the demo show: a plant at work, a line behind, a workstation that stands, an alert that
  /// is due.
  @Test(arguments: [(0, 0), (5, 58), (10, 4), (13, 59), (14, 1), (18, 5), (22, 0), (23, 59)])
  func theDemoIsAtWorkAtAnyTime(hour: Int, minute: Int) throws {
    let folder = try TemporaryFolder.make("demo")
    defer { try? FileManager.default.removeItem(at: folder) }
    // 2026-11-30 in Berlin, a Monday.
    let nowMs =
      CivilTime(year: 2026, month: 11, day: 29).epochMs + Int64(23 + hour) * 3_600_000 + Int64(minute)
      * 60_000
    let plant = DemoPlant(nowMs: nowMs)
    let yaml = "bridge: {data_dir: \(folder.path)}\nsites:\n" + plant.site
    let settings = try SettingsLoader.parse(yaml: yaml, file: "demo.yaml", environment: [:])
    let site = try #require(settings.sites.first)
    let simulation = plant.simulation(site, isFresh: false)
    _ = try DemoPlant.store(simulation, untilMs: nowMs, settings, site, clock: WallClock { nowMs })
    let store = try SiteStore.openForReading(
      path: settings.databasePath(site: site.id), siteID: site.id)
    let records = try KPIQuery(site: site).window(.shift, store, nowMs: nowMs)
    let gaps = Dictionary(
      uniqueKeysWithValues: records.filter { $0.scope == .line }.map { ($0.id, $0[.gapUnits] ?? 0) })
    #expect(gaps["line-2"] ?? 0 < -15, "\(gaps)")
    #expect(gaps["line-1"] ?? -99 > gaps["line-2"] ?? 0, "\(gaps)")
    let working = records.first { $0.scope == .site }?[.workersWorking] ?? 0
    #expect(working >= 4, "\(working) at work")
    let stops = try StopQuery(site: site)
      .stops(overlapping: nowMs - 3_600_000..<nowMs, store, nowMs: nowMs).map(\.stop)
    #expect(stops.contains { $0.workstationID == "S7" && $0.isOpen && $0.durationMs > 300_000 }, "\(stops)")
    // The alert of cam-02 waits for its delay of an hour.
    let pending = try store.alarms().compactMap(\.machine.pendingSinceMs)
    let sinceMs = try #require(pending.first)
    #expect((-10_000..<90_000).contains(sinceMs + 3_600_000 - nowMs), "\(sinceMs + 3_600_000 - nowMs)")
  }
}
