import AndonCore
import Foundation
import Testing

@testable import AndonService

/// Faults of alarms: nobody is called though somebody should be, or everybody though nobody should. The clock is
/// the test's.
@Suite(.ownThread) struct AlarmFaultTests {
  private let nowMs = TestSite.nowMs
  private let minute: Int64 = 60_000
  private let hour: Int64 = 3_600_000
  private let offline = AlertKey(rule: .cameraOffline, sourceID: "cam-01")

  /// A site with a camera that has sent an event.
  private func site(cameras: [String] = ["cam-01"]) throws -> AlertSite {
    let site = try AlertSite()
    for camera in cameras { site.add(TestSite.event(nowMs - 1000, worker: "W-\(camera)"), camera: camera) }
    try site.commit(atMs: nowMs)
    return site
  }

  /// The status comes, and the clock goes on for two minutes.
  private func say(_ word: String, _ site: AlertSite, camera: String = "cam-01", atMs: Int64) throws {
    try site.setStatus(word, of: camera, atMs: atMs)
    for second in stride(from: Int64(0), through: 120, by: 10) { try site.tick(atMs: atMs + second * 1000) }
  }

  private func pages(_ site: AlertSite) throws -> [String] {
    try site.store.alertJournal(limit: 10_000).filter(\.page).map { "\($0.event) \($0.alertID)" }
  }

  @Test(arguments: [1, 20] as [Int64]) func fault47_aCameraOfflineAgainCallsAgain(hours: Int64) throws {
    let site = try site()
    try say("offline", site, atMs: nowMs)
    #expect(try site.perform("plant-a/camera_offline/cam-01", .acknowledge).code == "ok")
    let first = try #require(site.turn.engine.lives[offline]?.occurrence)
    try say("online", site, atMs: nowMs + 10 * minute)
    #expect(site.turn.engine.lives[offline]?.state == .normal)
    try site.restart()
    try say("offline", site, atMs: nowMs + 10 * minute + hours * hour)
    let life = try #require(site.turn.engine.lives[offline])
    #expect(life.state == .unackActive && life.occurrence?.id == first.id && life.occurrence?.flapCount == 1)
    #expect(
      try pages(site) == ["raised plant-a/camera_offline/cam-01", "reopened plant-a/camera_offline/cam-01"])
    let row = try #require(try site.store.alertJournal(limit: 10_000).last)
    #expect(row.json.contains(#""acked":false"#) && row.json.contains(#""state":"unack_active""#))
    // A day after its clear it is another occurrence.
    try say("online", site, atMs: nowMs + 30 * hour)
    try say("offline", site, atMs: nowMs + 55 * hour)
    #expect(site.turn.engine.lives[offline]?.occurrence?.id != first.id)
    #expect(try pages(site).count { $0.hasPrefix("raised") } == 2)
  }

  @Test func fault47_aCameraThatFlapsCallsOnce() throws {
    let site = try site()
    for round in Int64(0)..<20 {
      try say("offline", site, atMs: nowMs + round * 8 * minute)
      if round == 0 { _ = try site.perform("plant-a/camera_offline/cam-01", .acknowledge) }
      try say("online", site, atMs: nowMs + round * 8 * minute + 3 * minute)
    }
    #expect(try pages(site) == ["raised plant-a/camera_offline/cam-01"])
    #expect(site.turn.engine.lives[offline]?.occurrence?.flapCount == 19)
  }
}
