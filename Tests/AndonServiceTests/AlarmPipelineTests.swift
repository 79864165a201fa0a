import AndonCore
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// Alerts through the pipeline and the store, without a broker. The test sets the clock.
@Suite(.ownThread) struct AlarmPipelineTests {
  private let nowMs = TestSite.nowMs
  private let drift = DriftKey(cameraID: "cam-01", modelVersion: "")
  private var alarm: AlarmKey { AlarmKey(rule: .confidenceLow, key: drift) }

  /// Samples every ten seconds up to the test's current time; the last ones are low.
  private func addDrift(_ site: AlarmSite, good: Int = 300, low: Int = 500, camera: String = "cam-01") throws
  {
    let count = good + low
    for index in 0..<count {
      let atMs = nowMs - Int64(count - 1 - index) * 10_000
      site.clock.nowMs = atMs
      site.add(
        TestSite.event(
          atMs, confidence: index < good ? "0.88" : "0.65", more: #","event_id":"\#(camera)-\#(index)""#),
        camera: camera)
      if index % 50 == 49 { try site.commit(atMs: atMs) }
    }
    try site.commit(atMs: nowMs)
  }

  @Test func aDriftIsJournalledWithTheDataThatCausedItAndWaitsInTheOutbox() throws {
    let site = try AlarmSite()
    try addDrift(site)
    let rows = try site.store.alarmJournal(limit: 100).filter { $0.alertID == "plant-a/drift/cam-01" }
    #expect(rows.map(\.event) == ["pending", "raised"] && rows.map(\.page) == [false, true])
    #expect(rows.map(\.revision) == [1, 2] && Set(rows.map(\.occurrenceID)).count == 1)
    let outbox = try site.store.outbox(after: 0, limit: 100)
    let mine = outbox.filter { $0.topic == "andon/v1/plant-a/alert_event/drift/cam-01" }
    #expect(mine.map { String(decoding: $0.payload, as: UTF8.self) } == rows.map(\.json))
    #expect(try site.store.alarms().first { $0.alertID == "plant-a/drift/cam-01" }?.state == .unackActive)
    let episodes = try site.store.episodes().filter { $0.key == alarm }
    #expect(episodes.count == 1 && episodes[0].isOpen)
    #expect(episodes[0].occurrenceID(site: "plant-a") == rows[0].occurrenceID)
  }

  @Test func aFailedCommitLeavesNeitherEpisodeNorJournalNorState() throws {
    let site = try AlarmSite()
    let other = try DatabaseQueue(path: site.store.path)
    try other.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER no BEFORE INSERT ON outbox WHEN NEW.topic LIKE '%alert_event/drift%' AND
          CAST(NEW.payload AS TEXT) LIKE '%"event":"raised"%' BEGIN SELECT RAISE(ABORT, 'disk says no'); END
          """)
    }
    #expect(throws: (any Error).self) { try addDrift(site) }
    let id = "plant-a/drift/cam-01"
    let before = try site.store.alarmJournal(limit: 10, alertID: id)
    #expect(before.map(\.event) == ["pending"] && site.turn.engine.machines[alarm]?.state == .pending)
    #expect(try site.store.episodes().filter { $0.key == alarm }.isEmpty)
    // The broker delivers the failed batch again.
    try other.write { try $0.execute(sql: "DROP TRIGGER no") }
    try addDrift(site)
    let after = try site.store.alarmJournal(limit: 10, alertID: id)
    #expect(after.map(\.event) == ["pending", "raised"] && after[1].page)
  }

  @Test func aRestartGoesOnWhereItWas() throws {
    let site = try AlarmSite()
    try addDrift(site)
    let machines = site.turn.engine.machines
    let detector = site.turn.engine.detector(drift)
    try site.restart()
    #expect(site.turn.engine.machines == machines)
    #expect(site.turn.engine.detector(drift) == detector)
    try site.tick(atMs: nowMs + 60_000)
    #expect(try site.store.alarmJournal(limit: 100).count { $0.page } == 1, "nobody is called again")
    // An hour later there is a call.
    try site.tick(atMs: nowMs + 3_600_000)
    #expect(try site.store.alarmJournal(limit: 100).last { $0.page }?.event == "renotify")
  }

  @Test func lateSamplesRetractWhatTheyUndo() throws {
    let site = try AlarmSite()
    try addDrift(site)
    for index in 0..<1500 {
      site.add(
        TestSite.event(
          nowMs - Int64(1500 - index) * 3333 - 1, worker: "W2", confidence: "1",
          more: #","event_id":"late-\#(index)""#))
    }
    try site.commit(atMs: nowMs + 1000)
    let rows = try site.store.alarmJournal(limit: 100, alertID: "plant-a/drift/cam-01")
    #expect(rows.map(\.event).suffix(1) == ["retracted"])
    #expect(try site.store.episodes().filter { $0.key == alarm }.isEmpty)
    #expect(site.turn.engine.machines[alarm]?.state == .normal)
  }

  @Test func aBacklogOfAnEndedOcclusionIsHistory() throws {
    let site = try AlarmSite()
    for index in 0..<1500 {
      let confidence = 300..<900 ~= index ? "0.3" : "0.9"
      site.add(
        TestSite.event(
          nowMs - Int64(3600 + 1500 - index) * 10_000, confidence: confidence,
          more: #","event_id":"e\#(index)""#))
      if index % 100 == 99 { try site.commit(atMs: nowMs + Int64(index)) }
    }
    try site.tick(atMs: nowMs + 60_000)
    let rows = try site.store.alarmJournal(limit: 100, alertID: "plant-a/drift/cam-01")
    #expect(rows.allSatisfy { !$0.page } && rows.contains { $0.event == "historical" })
    #expect(site.turn.engine.machines[alarm]?.state == .normal)
  }

  @Test func aNewVersionThatDoesWorseIsAdviceUntilAcknowledged() throws {
    let site = try AlarmSite()
    let hour: Int64 = 3_600_000
    for index in 0..<400 {
      let isNew = index >= 200
      site.add(
        TestSite.event(
          nowMs - Int64(400 - index) * hour / 7, confidence: isNew ? "0.82" : "0.88",
          more: #","event_id":"e\#(index)","model_version":"\#(isNew ? "v2" : "v1")""#))
    }
    try site.commit(atMs: nowMs)
    let alarm = AlarmKey(rule: .versionRegression, sourceID: "cam-01", modelVersion: "v2")
    #expect(try site.store.episodes().filter { $0.key == alarm }.count == 1)
    try site.tick(atMs: nowMs + 20_000)
    #expect(site.turn.engine.machines[alarm]?.state == .unackActive)
    #expect(try site.perform("plant-a/version_regression/cam-01", .acknowledge).code == "ok")
    #expect(site.turn.engine.machines[alarm]?.state == .normal)
    try site.restart()
    try site.tick(atMs: nowMs + 90_000)
    #expect(site.turn.engine.machines[alarm]?.state == .normal, "a restart does not raise it again")
  }

  /// The verdict on a version is a function of the samples, including late samples of the old version.
  @Test func lateSamplesOfTheOldVersionChangeTheVerdictOnTheNewOne() throws {
    let hour: Int64 = 3_600_000
    func payload(_ index: Int) -> String {
      let isNew = index >= 200
      // Without its better first half the old version would be no better than the new one.
      let confidence = isNew ? "0.82" : index < 100 ? "0.98" : "0.83"
      return TestSite.event(
        nowMs - Int64(400 - index) * hour / 7, confidence: confidence,
        more: #","event_id":"e\#(index)","model_version":"\#(isNew ? "v2" : "v1")""#)
    }
    let alarm = AlarmKey(rule: .versionRegression, sourceID: "cam-01", modelVersion: "v2")
    let inOrder = try AlarmSite()
    for index in 0..<400 { inOrder.add(payload(index)) }
    try inOrder.commit(atMs: nowMs)
    let late = try AlarmSite()
    for index in 100..<400 { late.add(payload(index)) }
    try late.commit(atMs: nowMs)
    #expect(try late.store.episodes().filter { $0.key == alarm }.isEmpty)
    for index in 0..<100 { late.add(payload(index)) }
    try late.commit(atMs: nowMs)
    let verdict = try inOrder.store.episodes().filter { $0.key == alarm }
    #expect(verdict.count == 1)
    #expect(try late.store.episodes().filter { $0.key == alarm } == verdict)
  }

  // MARK: Operation

  @Test func aCameraThatSendsJunkIsAnAlertUntilItStops() throws {
    let site = try AlarmSite()
    for index in 0..<200 {
      site.add(TestSite.event(nowMs - Int64(index), more: #","event_id":"e\#(index)""#))
    }
    try site.commit(atMs: nowMs)
    for _ in 0..<20 { site.add("{}") }
    try site.commit(atMs: nowMs)
    let alarm = AlarmKey(rule: .rejectRate, sourceID: "cam-01")
    #expect(site.turn.engine.machines[alarm]?.state == .unackActive)
    for index in 0..<1000 { site.add(TestSite.event(nowMs - 1000 - Int64(index))) }
    try site.commit(atMs: nowMs)
    #expect(site.turn.engine.machines[alarm]?.state == .rtnUnack)
    #expect(
      try site.store.alarmJournal(limit: 10, alertID: "plant-a/reject_rate/cam-01").map(\.event)
        == ["raised", "cleared"])
  }

  @Test func aCameraWhoseClockIsWrongIsAnAlert() throws {
    let site = try AlarmSite()
    for index in Int64(0)..<120 {
      site.add(TestSite.event(nowMs + index * 1000 - 45_000))
      try site.commit(atMs: nowMs + index * 1000)
    }
    let alarm = AlarmKey(rule: .clockSkew, sourceID: "cam-01")
    #expect(site.turn.engine.machines[alarm]?.state == .unackActive)
    #expect(site.turn.engine.machines[alarm]?.measure.value == 45_000)
  }

  @Test func aCameraThatGoesOfflineOrSilentIsAnAlertUntilItComesBack() throws {
    let site = try AlarmSite()
    site.add(TestSite.event(nowMs - 1000))
    try site.commit(atMs: nowMs)
    let silent = AlarmKey(rule: .cameraSilent, sourceID: "cam-01")
    let shift = Window(kind: .shift, startMs: nowMs - 3_600_000, endMs: nowMs + 7_200_000, shiftID: "early")
    try site.tick(atMs: nowMs + 900_000, shift: shift)
    #expect(site.turn.engine.machines[silent] == nil)
    try site.tick(atMs: nowMs + 900_001, shift: shift)
    #expect(site.turn.engine.machines[silent]?.state == .unackActive)
    site.add(TestSite.event(nowMs + 901_000))
    try site.commit(atMs: nowMs + 901_000)
    try site.tick(atMs: nowMs + 902_000, shift: shift)
    #expect(site.turn.engine.machines[silent]?.state == .rtnUnack)

    let offline = AlarmKey(rule: .cameraOffline, sourceID: "cam-01")
    try site.setStatus("offline", atMs: nowMs + 903_000)
    try site.tick(atMs: nowMs + 904_000, shift: shift)
    #expect(site.turn.engine.machines[offline]?.state == .pending)
    try site.tick(atMs: nowMs + 963_999, shift: shift)
    #expect(site.turn.engine.machines[offline]?.state == .pending)
    try site.tick(atMs: nowMs + 964_000, shift: shift)
    #expect(site.turn.engine.machines[offline]?.state == .unackActive)
    try site.setStatus("online", atMs: nowMs + 965_000)
    try site.tick(atMs: nowMs + 966_000, shift: shift)
    #expect(site.turn.engine.machines[offline]?.state == .rtnUnack)
    #expect(try site.store.episodes().map(\.endedMs).allSatisfy { $0 != nil })
  }

  @Test func aCameraThatIsOfflineForHalfAMinuteCallsNobody() throws {
    let site = try AlarmSite()
    site.add(TestSite.event(nowMs - 1000))
    try site.commit(atMs: nowMs)
    let offline = AlarmKey(rule: .cameraOffline, sourceID: "cam-01")
    try site.setStatus("offline", atMs: nowMs)
    try site.tick(atMs: nowMs + 1000)
    try site.tick(atMs: nowMs + 30_000)
    #expect(site.turn.engine.machines[offline]?.state == .pending, "it is shown")
    try site.setStatus("online", atMs: nowMs + 31_000)
    try site.tick(atMs: nowMs + 32_000)
    #expect(site.turn.engine.machines[offline]?.state == .normal)
    #expect(try site.store.alarmJournal(limit: 10).map(\.event) == ["pending", "withdrawn"])
  }

  /// The last time in the file may be from before the night: the delay counts only while the bridge listens.
  @Test func afterARestartTheBridgeListensBeforeItCallsACameraOffline() throws {
    let site = try AlarmSite()
    site.add(TestSite.event(nowMs - 1000))
    try site.commit(atMs: nowMs)
    try site.setStatus("offline", atMs: nowMs)
    try site.tick(atMs: nowMs + 1000)
    let offline = AlarmKey(rule: .cameraOffline, sourceID: "cam-01")
    let morning = nowMs + 36_000_000
    site.clock.nowMs = morning
    try site.restart()
    try site.tick(atMs: morning, listeningSinceMs: nil)
    try site.tick(atMs: morning + 70_000, listeningSinceMs: morning + 65_000)
    #expect(site.turn.engine.machines[offline]?.state == .pending)
    try site.tick(atMs: morning + 125_000, listeningSinceMs: morning + 65_000)
    let machine = try #require(site.turn.engine.machines[offline])
    #expect(machine.state == .unackActive && machine.occurrence?.sinceMs == nowMs + 1000)
  }

  @Test func aGapIsAnAlertUntilAcknowledged() throws {
    let site = try AlarmSite()
    // The broker has the session, then has lost it, then has a new one.
    _ = try site.turn.recordConnecting()
    _ = try site.turn.recordSubscribed()
    site.clock.nowMs += 60_000
    try site.turn.recordSessionMissing(.sessionLost)
    let gaps = try site.turn.recordSubscribed()
    #expect(gaps.map(\.cause) == [.sessionLost])
    #expect(site.turn.dequeueUnpublished()?.outboxRows == 1)
    let key = AlarmKey(rule: .dataGap, sourceID: "bridge")
    #expect(site.turn.engine.machines[key]?.state == .unackActive)
    #expect(
      try site.store.alarmJournal(limit: 1).first?.json.contains(
        "bridge: the broker had forgotten the session")
        == true)
    #expect(try site.perform("plant-a/data_gap/bridge", .acknowledge).isOK)
    #expect(site.turn.engine.machines[key]?.state == .normal)
    // A restart does not raise it again.
    try site.restart()
    try site.tick(atMs: nowMs + 120_000)
    #expect(site.turn.engine.machines[key]?.state == .normal)
  }

  @Test func twoPoorShiftsOfThreeAreAnAlert() throws {
    let site = try AlarmSite()
    func shift(_ index: Int, _ units: Int64) -> ShiftResult {
      let start = nowMs - Int64(40 - index) * 28_800_000
      return ShiftResult(
        workstationID: "S1", shiftID: "early", startMs: start, endMs: start + 28_800_000, units: units,
        utilization: nil)
    }
    let key = AlarmKey(rule: .productivity, sourceID: "S1")
    try site.shifts((0..<20).map { shift($0, 1000) } + [shift(20, 500)])
    #expect(site.turn.engine.machines[key]?.state == .pending)
    try site.shifts([shift(21, 1000), shift(22, 500)])
    #expect(site.turn.engine.machines[key]?.isRaised ?? false)
    // The same results a second time change nothing.
    let rows = try site.store.alarmJournal(limit: 100).count
    try site.shifts([shift(21, 1000), shift(22, 500)])
    #expect(try site.store.alarmJournal(limit: 100).count == rows)
    try site.shifts([shift(23, 1000)])
    #expect(try site.store.episodes().filter { $0.key == key }.map { $0.isOpen } == [false])
  }

  // MARK: Commands

  @Test func commandsAreAnsweredAndDoWhatTheySay() throws {
    let site = try AlarmSite()
    try addDrift(site)
    let id = "plant-a/drift/cam-01"
    let answers = try site.commands([
      ("alert", "ack", #"{"req_id":"hmi3-1","alert_id":"\#(id)","by":"m.rossi","comment":"lens cleaned"}"#),
      ("alert", "ack", #"{"req_id":"hmi3-2","alert_id":"\#(id)"}"#),
      ("alert", "ack", #"{"req_id":"hmi3-3","alert_id":"plant-a/drift/cam-99"}"#),
      ("alert", "shelve", #"{"req_id":4,"alert_id":"\#(id)","duration_s":59,"reason":"x"}"#),
      ("alert", "shelve", #"{"alert_id":"\#(id)","duration_s":3600,"reason":"spare lens ordered"}"#),
      ("alert", "unshelve", #"{"alert_id":"\#(id)"}"#),
      ("alert", "unshelve", #"{"alert_id":"\#(id)"}"#),
      ("alert", "explode", #"{"req_id":"9"}"#),
      ("kpi", "recompute", #"{"from_ms":0,"to_ms":2678400001}"#),
      ("bridge", "republish", ""),
      ("alert", "ack", "not an id"),
      ("alert", "ack", #"{"alert_id":"#),
    ])
    #expect(
      answers.map(\.code) == [
        "ok", "nothing_to_ack", "unknown_alert", "bad_request", "ok", "ok", "not_shelved", "unknown_command",
        "bad_request", "ok", "bad_request", "bad_request",
      ])
    #expect(
      answers[0].text == """
        {"req_id":"hmi3-1","cmd":"alert/ack","ok":true,"code":"ok","alert_id":"\(id)","timestamp_ms":\(nowMs)}
        """)
    #expect(
      answers[3].text.contains(#""req_id":"4""#) && answers[3].text.contains("duration_s must be 60…28800"))
    #expect(site.turn.engine.machines[alarm]?.state == .ackedActive)
    #expect(site.turn.engine.machines[alarm]?.occurrence?.ackedBy == "m.rossi")
  }

  @Test func theSameRequestIsDoneOnceAlsoAcrossARestart() throws {
    let site = try AlarmSite()
    try addDrift(site)
    let shelve = #"{"req_id":"r1","alert_id":"plant-a/drift/cam-01","duration_s":600,"reason":"x"}"#
    let first = try site.commands([("alert", "shelve", shelve)])
    #expect(
      try site.commands([("alert", "unshelve", #"{"alert_id":"plant-a/drift/cam-01"}"#)])[0].code == "ok")
    try site.restart()
    let second = try site.commands([("alert", "shelve", shelve)])
    #expect(first == second && site.turn.engine.machines[alarm]?.state == .unackActive)
    // The same `req_id` for another command is an error; after ten minutes the id is free again.
    #expect(try site.commands([("alert", "ack", #"{"req_id":"r1"}"#)])[0].code == "bad_request")
    site.clock.nowMs += 600_001
    #expect(try site.commands([("alert", "shelve", shelve)])[0].code == "ok")
    #expect(site.turn.engine.machines[alarm]?.state == .shelved)
  }

  @Test(arguments: ["plant-a/drift/cam-01", " plant-a/drift/cam-01\n", #""plant-a/drift/cam-01""#])
  func aButtonWritesTheBareAlertId(payload: String) throws {
    let site = try AlarmSite()
    try addDrift(site)
    #expect(try site.commands([("alert", "ack", payload)])[0].code == "ok")
    #expect(site.turn.engine.machines[alarm]?.state == .ackedActive)
  }

  @Test func retainedCommandsAreIgnored() throws {
    let site = try AlarmSite()
    try addDrift(site)
    #expect(try site.commands([("alert", "ack", "plant-a/drift/cam-01")], isRetained: true).isEmpty)
    #expect(site.turn.engine.machines[alarm]?.state == .unackActive)
    #expect(try site.store.counters().ignored == 1)
  }

  @Test func groundTruthIsStoredAndCounted() throws {
    let site = try AlarmSite()
    try addDrift(site)
    let id = try #require(site.turn.engine.machines[alarm]?.occurrence?.id)
    let answers = try site.commands([
      ("alert", "confirm", #"{"alert_id":"plant-a/drift/cam-01","by":"x"}"#),
      ("alert", "false_alarm", #"{"alert_id":"plant-a/drift/cam-01","by":"y","comment":"lunch"}"#),
    ])
    #expect(answers.map(\.code) == ["ok", "ok"])
    let truth = try site.store.groundTruth()
    #expect(truth.map(\.verdict) == ["false_alarm"] && truth[0].occurrenceID == id && truth[0].by == "y")
    #expect(try site.store.alarmJournal(limit: 100).suffix(2).map(\.event) == ["confirmed", "false_alarm"])
  }

  @Test func anAnswerNeverGoesToATopicOfAndons() {
    #expect(ResponseTopic.isAllowed("hmi/answers/7", root: "andon/v1"))
    for topic in ["", "$SYS/x", "a/+/b", "a/#", "andon/v1", "andon/v1/plant-a/kpi/site/plant-a/day"] {
      #expect(!ResponseTopic.isAllowed(topic, root: "andon/v1"))
    }
    #expect(ResponseTopic.isAllowed("andon/v10/x", root: "andon/v1"))
  }

  @Test func closedShiftsAreFoundWithTheirBounds() {
    let calendar = SiteCalendar(
      zone: .utc,
      shifts: [
        ShiftDefinition(id: "early", start: LocalTime(minutes: 360), end: LocalTime(minutes: 840)),
        ShiftDefinition(id: "late", start: LocalTime(minutes: 840), end: LocalTime(minutes: 1320)),
      ])
    let midnight = nowMs - nowMs % 86_400_000
    let site = SiteCalendars(site: calendar)
    let atTen = ShiftResultFinder.closedShifts(site, before: midnight + 36_000_000, count: 3).map(\.window)
    #expect(atTen.map(\.shiftID) == ["late", "early", "late"] && atTen.last?.endMs == midnight - 7_200_000)
    let atTwo = ShiftResultFinder.closedShifts(site, before: midnight + 50_400_000, count: 1)
    #expect(atTwo.map(\.window.endMs) == [midnight + 50_400_000])
  }
}
