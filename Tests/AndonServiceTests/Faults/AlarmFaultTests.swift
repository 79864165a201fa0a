import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStatus
@testable import AndonStore

/// Faults of alarms: a missing call, or calls without a cause. The test sets the clock.
@Suite(.ownThread) struct AlarmFaultTests {
  private let nowMs = TestSite.nowMs
  private let minute: Int64 = 60_000
  private let hour: Int64 = 3_600_000
  private let offline = AlarmKey(rule: .cameraOffline, sourceID: "cam-01")

  /// A site with a camera that has sent an event.
  private func site(cameras: [String] = ["cam-01"], model: String? = nil) throws -> AlarmSite {
    let site = try AlarmSite()
    for camera in cameras {
      let more = model.map { #","model_version":"\#($0)""# } ?? ""
      site.add(TestSite.event(nowMs - 1000, worker: "W-\(camera)", more: more), camera: camera)
    }
    try site.commit(atMs: nowMs)
    return site
  }

  /// The status arrives, and the clock advances by two minutes.
  private func say(_ word: String, _ site: AlarmSite, camera: String = "cam-01", atMs: Int64) throws {
    try site.setStatus(word, of: camera, atMs: atMs)
    for second in stride(from: Int64(0), through: 120, by: 10) { try site.tick(atMs: atMs + second * 1000) }
  }

  private func pages(_ site: AlarmSite) throws -> [String] {
    try site.store.alarmJournal(limit: 10_000).filter(\.page).map { "\($0.event) \($0.alertID)" }
  }

  @Test(arguments: [1, 20] as [Int64]) func fault47_aCameraOfflineAgainCallsAgain(hours: Int64) throws {
    let site = try site()
    try say("offline", site, atMs: nowMs)
    #expect(try site.perform("plant-a/camera_offline/cam-01", .acknowledge).code == "ok")
    let first = try #require(site.turn.engine.machines[offline]?.occurrence)
    try say("online", site, atMs: nowMs + 10 * minute)
    #expect(site.turn.engine.machines[offline]?.state == .normal)
    try site.restart()
    try say("offline", site, atMs: nowMs + 10 * minute + hours * hour)
    let machine = try #require(site.turn.engine.machines[offline])
    #expect(
      machine.state == .unackActive && machine.occurrence?.id == first.id
        && machine.occurrence?.flapCount == 1)
    #expect(
      try pages(site) == ["raised plant-a/camera_offline/cam-01", "reopened plant-a/camera_offline/cam-01"])
    let row = try #require(try site.store.alarmJournal(limit: 10_000).last)
    #expect(row.json.contains(#""acked":false"#) && row.json.contains(#""state":"unack_active""#))
    // A day after the alert cleared, the same condition is a new occurrence.
    try say("online", site, atMs: nowMs + 30 * hour)
    try say("offline", site, atMs: nowMs + 55 * hour)
    #expect(site.turn.engine.machines[offline]?.occurrence?.id != first.id)
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
    #expect(site.turn.engine.machines[offline]?.occurrence?.flapCount == 19)
  }

  @Test func fault84_aThousandGhostsCallNobody() throws {
    let site = try site()
    for number in 0..<1000 { try site.setStatus("offline", of: "ghost-\(number)", atMs: nowMs) }
    try say("offline", site, atMs: nowMs + minute)
    #expect(try pages(site) == ["raised plant-a/camera_offline/cam-01"])
    let rows = site.turn.engine.cameraRows
    #expect(rows.count(where: \.isGhost) == 1000 && rows.count == 1001)
    // Names over the limit are not stored and do not displace a camera that sends.
    try site.setStatus("offline", of: "one-too-many", atMs: nowMs + 2 * minute)
    site.add(TestSite.event(nowMs, worker: "W2"), camera: "cam-02")
    try site.commit(atMs: nowMs + 3 * minute)
    try say("offline", site, camera: "cam-02", atMs: nowMs + 3 * minute)
    #expect(site.turn.engine.cameraRows.count == 1002)
    #expect(try pages(site).last == "raised plant-a/camera_offline/cam-02")
    // A name counts as a camera after its first event.
    site.add(TestSite.event(nowMs + 1, worker: "W3"), camera: "ghost-7")
    try site.commit(atMs: nowMs + 6 * minute)
    try say("offline", site, camera: "ghost-7", atMs: nowMs + 6 * minute)
    #expect(try pages(site).last == "raised plant-a/camera_offline/ghost-7")
    #expect(site.turn.engine.cameraRows.count(where: \.isGhost) == 999)
  }

  private func retire(_ camera: String = "cam-01", untilMs: Int64? = nil) -> CameraCommand {
    CameraCommand(
      cameraID: camera, action: .outOfService(reason: "hall is rebuilt", untilMs: untilMs), by: "m.rossi")
  }

  @Test func fault85_aCameraOutOfServiceHasNoAlertsUntilItIsBack() throws {
    let site = try site()
    let shift = Window(kind: .shift, startMs: nowMs - hour, endMs: nowMs + 9 * hour, shiftID: "early")
    try say("offline", site, atMs: nowMs)
    #expect(site.turn.engine.machines[offline]?.state == .unackActive)
    #expect(try site.perform(retire()).code == "ok")
    #expect(site.turn.engine.machines[offline]?.state == .normal, "it ends, and needs no acknowledgement")
    let ended = try #require(try site.store.alarmJournal(limit: 100).last)
    #expect(ended.event == "cleared" && !ended.page && ended.json.contains("out of service: hall is rebuilt"))
    #expect(ended.json.contains(#""by":"m.rossi""#))
    #expect(try site.store.episodes().allSatisfy { !$0.isOpen })
    let rows = try site.store.alarmJournal(limit: 100).count
    // Everything the camera does, across a restart: invalid payloads, a wrong clock, low confidences,
    // silence.
    try site.restart()
    for index in 0..<700 {
      let atMs = nowMs + hour + Int64(index) * 10_000
      site.clock.nowMs = atMs
      site.add(
        TestSite.event(
          atMs - 45_000, confidence: index < 200 ? "0.88" : "0.6", more: #","event_id":"e\#(index)""#))
      if index % 5 == 0 { site.add("{}") }
      if index % 50 == 49 { try site.commit(atMs: atMs) }
    }
    for step in Int64(0)..<60 { try site.tick(atMs: nowMs + 3 * hour + step * minute, shift: shift) }
    #expect(try site.store.alarmJournal(limit: 100).count == rows)
    #expect(site.turn.engine.machines.values.allSatisfy { $0.state == .normal })
    #expect(
      try site.store.counters().stored + site.store.counters().lowConfidence == 701, "events are stored")
    let row = try #require(site.turn.engine.cameraRows.first)
    #expect(row.outOfService?.sinceMs == nowMs + 2 * minute && row.outOfService?.untilMs == nil)
    // Back in service, a condition that still holds calls at once.
    let back = nowMs + 4 * hour
    site.clock.nowMs = back
    #expect(try site.perform(CameraCommand(cameraID: "cam-01", action: .inService, by: "x")).code == "ok")
    #expect(
      try site.perform(CameraCommand(cameraID: "cam-01", action: .inService, by: "x")).code
        == "not_out_of_service")
    for step in Int64(0)...12 { try site.tick(atMs: back + step * 10_000) }
    #expect(site.turn.engine.machines[offline]?.state == .unackActive)
    let pages = try pages(site)
    #expect(pages.contains("reopened plant-a/camera_offline/cam-01"))
    #expect(pages.contains("raised plant-a/drift/cam-01"), "the mean is low still")
  }

  @Test func fault85_outOfServiceForATimeEndsByItself() throws {
    let site = try site()
    #expect(try site.perform(retire(untilMs: nowMs)).code == "bad_request")
    #expect(try site.perform(retire("cam-99")).code == "unknown_camera")
    #expect(try site.perform(retire(untilMs: nowMs + hour)).code == "ok")
    try say("offline", site, atMs: nowMs + minute)
    #expect(site.turn.engine.machines[offline]?.state ?? .normal == .normal)
    try site.restart()
    try site.tick(atMs: nowMs + hour - 1)
    #expect(try site.store.camerasOutOfService()["cam-01"]?.untilMs == nowMs + hour)
    try site.tick(atMs: nowMs + hour)
    #expect(
      try site.store.camerasOutOfService().isEmpty && site.turn.engine.cameraRows[0].outOfService == nil)
    try site.tick(atMs: nowMs + hour + minute)
    #expect(try pages(site) == ["raised plant-a/camera_offline/cam-01"])
  }

  @Test func fault85_aPanelTakesACameraOutOfService() throws {
    let site = try site()
    let answers = try site.commands([
      ("camera", "out_of_service", #"{"req_id":"1","camera_id":"cam-01"}"#),
      ("camera", "out_of_service", #"{"req_id":"2","camera_id":"cam-01","reason":"lens","by":"x"}"#),
      ("camera", "explode", #"{"camera_id":"cam-01"}"#), ("camera", "in_service", ""),
      ("camera", "in_service", "cam-01"),
    ])
    #expect(answers.map(\.code) == ["bad_request", "ok", "unknown_command", "bad_request", "ok"])
    #expect(
      answers[1].text
        == #"{"req_id":"2","cmd":"camera/out_of_service","ok":true,"code":"ok","camera_id":"cam-01","timestamp_ms":\#(nowMs)}"#
    )
    // The row of a status document.
    _ = try site.perform(retire(untilMs: nowMs + hour))
    let rows = site.turn.engine.cameraRows
    let board = StatusBoard(bridgeID: "b1", siteIDs: ["plant-a"], startedAtMs: nowMs)
    board.update("plant-a") { $0.cameras = rows }
    let text = String(decoding: StatusDocument.json(board, nowMs: nowMs), as: UTF8.self)
    #expect(
      text.contains(
        #""out_of_service":{"reason":"hall is rebuilt","by":"m.rossi","by_verified":false,"since_ms":\#(nowMs),"#
          + #""until_ms":\#(nowMs + hour)}"#
      ))
    #expect(text.contains(#""cameras_out_of_service":1,"cameras_without_events":0"#))
  }

  /// The alert of the site counts only the cameras in service.
  @Test func fault85_cameraOutOfServiceDoesNotBlameTheModel() throws {
    let cameras = ["cam-01", "cam-02", "cam-03"]
    let site = try site(cameras: cameras, model: "v1")
    #expect(try site.perform(retire("cam-03")).code == "ok")
    for index in 0..<700 {
      let atMs = nowMs + Int64(index) * 10_000
      site.clock.nowMs = atMs
      for camera in cameras {
        site.add(
          TestSite.event(
            atMs, worker: "W-\(camera)", confidence: index < 200 ? "0.88" : "0.6",
            more: #","event_id":"e\#(index)","model_version":"v1""#), camera: camera)
      }
      if index % 20 == 19 { try site.commit(atMs: atMs) }
    }
    let called = try pages(site).sorted()
    #expect(called == ["raised plant-a/drift/cam-01", "raised plant-a/drift/cam-02"])
  }

  @Test func fault86_theSameTroubleWithAnotherFigureIsNoNews() {
    var health = SiteHealth(nowMs: 0)
    var random = SeededRandom(state: 1)
    var kinds: [String?] = []
    for (index, words) in [
      "the disk is full: 12 MiB free", "the disk is full: 11 MiB free", "no answer from broker:1883 for 15 s",
      "no answer from broker:1883 for 30 s",
    ].enumerated() {
      let before = health.reasonKind
      _ = health.trouble(
        SiteFailure(kind: .held, words: words), nowMs: Int64(index), monotonicMs: Int64(index), using: &random
      )
      kinds.append(before == health.reasonKind ? nil : health.reason)
    }
    #expect(kinds == ["the disk is full: 12 MiB free", nil, "no answer from broker:1883 for 15 s", nil])
    #expect(health.reason == "no answer from broker:1883 for 30 s", "/status has the newest figure")
  }

  /// The API shows the alert's current mean of a model, not the one saved some hundred samples ago.
  @Test func fault87_modelsShowTheLiveRollingMean() throws {
    let site = try site()
    for index in 0..<120 {
      site.add(
        TestSite.event(
          nowMs - Int64(120 - index) * 1000, confidence: "0.9", more: #","event_id":"a\#(index)""#))
    }
    try site.commit(atMs: nowMs)
    for index in 0..<100 {
      site.add(
        TestSite.event(nowMs + Int64(index) * 1000, confidence: "0.8", more: #","event_id":"b\#(index)""#))
      try site.commit(atMs: nowMs + Int64(index) * 1000)
    }
    let key = DriftKey(cameraID: "cam-01", modelVersion: "")
    let live = try site.store.liveDetectors(DriftLimits(site.base.site))[key]
    #expect(live == site.turn.engine.detector(key) && live?.low.meanPpm == 800_000)
  }

  /// Golden: the output of `andon drift`.
  @Test func fault87_driftPrintsTablesWithALineBetweenThem() throws {
    let site = try site()
    for index in 0..<700 {
      let atMs = nowMs + Int64(index) * 10_000
      site.clock.nowMs = atMs
      let confidence = index < 200 || index % 5 > 2 ? "0.95" : "0.69"
      site.add(TestSite.event(atMs, confidence: confidence, more: #","event_id":"e\#(index)""#))
    }
    try site.commit(atMs: nowMs + 700 * 10_000)
    let folder = site.base.folder
    let config = "\(folder)/andon.yaml"
    try "bridge: {data_dir: \(folder)}\nsites: [{id: plant-a, timezone: UTC}]\n"
      .write(toFile: config, atomically: true, encoding: .utf8)
    let asOf = "\(nowMs + 700 * 10_000)"
    let text = try Command.run(
      AndonProcess.executable, ["drift", "--config", config, "--site", "plant-a", "--as-of", asOf])
    #expect(text == Self.driftGolden, "\(text)")
  }

  private static let driftGolden = """
    camera  model  state   events  mean   last   below gate  last 14 days
    cam-01  –      normal     701  0.838  0.794      42.7 %  |             ▆|

    rule        source  model  since                     raised                    ended    value   occurrence        said
    gate_share  cam-01  –      2026-01-15T10:55:10.000Z  2026-01-15T11:55:20.000Z  goes on  60.0 %  dc3adafc0f3ec1e3  –

    """
}
