import Foundation
import Logging
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStatus
@testable import AndonStore

/// Cameras whose topics name a site that is not configured.
@Suite(.ownThread) struct UnlistedSiteTests {
  private func watch(_ bridge: TestBridge, _ board: StatusBoard) throws -> UnlistedSiteWatch {
    try UnlistedSiteWatch(
      settings: bridge.settings, password: nil, board: board, clock: .system,
      logger: .init(label: "test") { [log = bridge.log] _ in log })
  }

  private func board(_ sites: [String]) -> StatusBoard {
    StatusBoard(bridgeID: "b1", siteIDs: sites, startedAtMs: 0)
  }

  @Test func aMisspeltSiteIsNamedOnce() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    let board = board(["plant-a"])
    let watch = try watch(bridge, board)
    let camera = try await TestClient(broker)
    // A word of a camera, an event of another one, a site of another bridge, and this bridge's own.
    try await camera.publish("online", to: "andon/v1/plant-b/camera/cam-01/status", retain: true)
    try await camera.publish("{}", to: "andon/v1/plant-c/meta/site", retain: true)
    try await camera.publish("online", to: "andon/v1/plant-c/camera/cam-01/status", retain: true)
    try await camera.publish("online", to: "andon/v1/plant-a/camera/cam-01/status", retain: true)
    // Retained, so that a look of two seconds sees it for certain, as it sees a camera that sends all the time.
    try await camera.publish("{}", to: "andon/v1/Plant-A/camera/cam-02/event", retain: true)
    watch.report(try watch.look())
    watch.report(try watch.look())
    #expect(board.unlistedSites.map(\.siteID) == ["Plant-A", "plant-b"])
    #expect(
      board.unlistedSites.map(\.topic) == [
        "andon/v1/Plant-A/camera/cam-02/event", "andon/v1/plant-b/camera/cam-01/status",
      ])
    let lines = bridge.log.lines.filter { $0.contains("not configured") }
    #expect(lines.count == 2, "once a name: \(lines)")
    #expect(lines.contains { $0.contains("(plant-a?)") && $0.contains("- {id: Plant-A, timezone: …}") })
    // In /status for those who see the bridge, as long as it is not configured.
    let status = String(decoding: StatusDocument.json(board, nowMs: 1), as: UTF8.self)
    #expect(status.contains(#""unlisted_sites":[{"site_id":"Plant-A""#))
    let few = StatusDocument.json(board, for: .init(sites: ["plant-a"], seesBridge: false), nowMs: 1)
    #expect(String(decoding: few, as: UTF8.self).contains(#""unlisted_sites":[]"#))
    board.add("plant-b", nowMs: 1)
    #expect(board.unlistedSites.map(\.siteID) == ["Plant-A"])
  }

  @Test func fault290_aStatusThatIsNotRetainedIsNamedUntilItIs() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    let board = board(["plant-a"])
    board.update("plant-a") { status in
      status.cameras = ["cam-01", "cam-02", "cam-03"].map { camera in
        CameraRow(
          cameraID: camera, events: 1, lastEventMs: 1, lastReceivedMs: 1,
          status: camera == "cam-03" ? .unknown : .online)
      }
    }
    let watch = try watch(bridge, board)
    let camera = try await TestClient(broker)
    try await camera.publish("online", to: "andon/v1/plant-a/camera/cam-01/status", retain: true)
    watch.report(try watch.look())
    watch.report(try watch.look())
    let warning = try #require(board.site("plant-a")?.warning)
    // cam-03 publishes none at all, which it need not.
    #expect(warning.hasPrefix("camera cam-02 published a status that is not retained: "), "\(warning)")
    #expect(bridge.log.lines.filter { $0.contains("a status is not retained") }.count == 1)
    // A look that was cut short, or that may not read, judges nothing.
    watch.report(UnlistedSites())
    #expect(board.site("plant-a")?.warning == warning)
    try await camera.publish("online", to: "andon/v1/plant-a/camera/cam-02/status", retain: true)
    watch.report(try watch.look())
    #expect(board.site("plant-a")?.warning == nil)
  }

  @Test func inventedNamesAreBounded() {
    let board = board(["plant-a"])
    var news = 0
    for round in 1...2 {
      for number in 0..<100 {
        let site = UnlistedSite(siteID: "s\(number)", topic: "t", firstMs: Int64(round), lastMs: Int64(round))
        if board.record(site) { news += 1 }
      }
    }
    #expect(news == UnlistedSite.limit && board.unlistedSites.count == UnlistedSite.limit)
    #expect(board.unlistedSites.allSatisfy { $0.firstMs == 1 && $0.lastMs == 2 })
  }

  @Test(arguments: [
    ("andon/v1/x/camera/c/event", "x"), ("andon/v1/x/camera/c/status", "x"), ("andon/v1/x/kpi/site/x", ""),
    ("andon/v1/x", ""), ("andon/v1/a/camera/c/event", ""),
  ])
  func onlyTopicsOfCamerasCount(topic: String, site: String) {
    var look = UnlistedSites()
    let levels = topic.dropFirst("andon/v1/".count).split(separator: "/", omittingEmptySubsequences: false)
    look.record(topic: topic, levels: levels, isEmpty: false)
    look.record(topic: "andon/v1/y/camera/c/status", levels: ["y", "camera", "c", "status"], isEmpty: true)
    #expect(look.found(listed: ["a"]).map(\.site) == (site.isEmpty ? [] : [site]))
  }

  /// A broker that does not answer holds nothing up.
  @Test func stoppingEndsALookAtOnce() throws {
    let peer = try SilentPeer()
    let yaml = "broker: {url: 'mqtt://127.0.0.1:\(peer.port)'}\nsites: [{id: plant-a, timezone: UTC}]"
    let settings = try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: [:])
    let watch = try UnlistedSiteWatch(
      settings: settings, password: nil, board: board(["plant-a"]), clock: .system,
      logger: .init(label: "test"))
    let start = ContinuousClock.now
    let thread = Thread { _ = try? watch.look() }
    thread.start()
    watch.stop()
    try waitUntil("the end of the look", seconds: 5) { thread.isFinished }
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
