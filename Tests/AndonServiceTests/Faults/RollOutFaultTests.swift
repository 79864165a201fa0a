import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Row 130 of docs/reliability.md: a model version that all cameras get is one cause.
@Suite(.ownThread) struct RollOutFaultTests {
  private let nowMs = TestSite.nowMs
  private let cameras = (1...24).map { "cam-\($0)" }

  /// Two minutes of all cameras: one event each, of these confidences.
  private func send(
    _ confidence: (Int) -> String, version: String, _ site: AlarmSite, minutes: Range<Int64>
  ) throws {
    for minute in minutes where minute % 2 == 0 {
      let atMs = nowMs + minute * 60_000
      site.clock.nowMs = atMs
      for (index, camera) in cameras.enumerated() {
        site.add(
          TestSite.event(
            // Each camera at its own pace, so that they do not raise at once.
            atMs - Int64(index) * 1000, worker: camera, confidence: confidence(index),
            more: #","model_version":"\#(version)""#), camera: camera)
      }
      try site.commit(atMs: atMs)
      try site.tick(atMs: atMs + 1000)
    }
  }

  /// The pages without their repeats.
  private func calls(_ site: AlarmSite) throws -> [String] {
    try site.store.alarmJournal(limit: 10_000).filter { $0.page && $0.event != "renotify" }
      .map { String($0.alertID.dropFirst("plant-a/".count)) }
  }

  private func site() throws -> AlarmSite {
    let site = try AlarmSite(", drift: {window: 20}")
    try send({ _ in "0.9" }, version: "v1", site, minutes: -3000 ..< -2900)
    return site
  }

  @Test func fault130_aBadVersionOn24CamerasIsOnePage() throws {
    let site = try site()
    // Some are worse than others and raise an hour earlier.
    try send({ $0 < 12 ? "0.5" : "0.73" }, version: "v2", site, minutes: 0..<60)
    try site.restart()
    try send({ $0 < 12 ? "0.5" : "0.73" }, version: "v2", site, minutes: 60..<400)
    #expect(try calls(site) == ["site_model/v2"])
    let member = AlarmKey(rule: .confidenceLow, sourceID: "cam-24", modelVersion: "v2")
    #expect(site.turn.engine.machines[member]?.occurrence?.attachedTo == "plant-a/site_model/v2")
  }

  /// A camera that is bad with the new version while the others are well calls, two hours later than otherwise.
  @Test func fault130_oneBadCameraInARollOutCallsAfterTwoHours() throws {
    let site = try site()
    try send({ $0 == 3 ? "0.5" : "0.9" }, version: "v2", site, minutes: 0..<160)
    #expect(try calls(site).isEmpty)
    try send({ $0 == 3 ? "0.5" : "0.9" }, version: "v2", site, minutes: 160..<300)
    #expect(try calls(site) == ["drift/cam-4"])
  }

  /// Without a roll-out nothing waits.
  @Test func fault130_driftOfAVersionInUseCallsAtOnce() throws {
    let site = try site()
    try send({ $0 == 3 ? "0.5" : "0.9" }, version: "v1", site, minutes: 0..<160)
    #expect(try calls(site) == ["drift/cam-4"])
  }
}
