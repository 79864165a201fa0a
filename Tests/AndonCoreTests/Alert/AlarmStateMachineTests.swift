import AndonCore
import Testing

@Suite struct AlarmStateMachineTests {
  private let nowMs: Int64 = 1_795_219_200_000
  private let hour: Int64 = 3_600_000
  private let key = AlertKey(rule: .confidenceLow, sourceID: "cam-01", modelVersion: "v1")
  private let measure = AlertMeasure(metric: "confidence_mean", value: 71, limit: 75, clearLimit: 78)

  private func life(_ rule: AlertRule = .confidenceLow) -> AlarmStateMachine {
    AlarmStateMachine(key: AlertKey(rule: rule, sourceID: "cam-01", modelVersion: "v1"), measure: measure)
  }

  private func episode(_ sinceMs: Int64, after previous: Episode? = nil) -> Episode {
    Episode(key: key, sinceMs: sinceMs, raisedMs: sinceMs + hour, valuePpm: nil, after: previous)
  }

  private func raised(as raise: AlarmStateMachine.Raise = .page) -> AlarmStateMachine {
    var life = life()
    _ = life.raise(episode(nowMs - hour), site: "plant-a", as: raise, measure: measure, nowMs: nowMs)
    return life
  }

  @Test func theWholeWay() {
    var life = life()
    #expect(life.state == .normal)
    var rows = life.follow(pendingSinceMs: nowMs - hour, measure: measure, nowMs: nowMs - hour)
    #expect(life.state == .pending && rows.map(\.kind) == [.pending] && !rows[0].page)
    rows = life.raise(episode(nowMs - hour), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    #expect(life.state == .unackActive && rows.map(\.kind) == [.raised] && rows[0].page)
    #expect(rows[0].fromState == .pending)
    rows = life.acknowledge(by: "m.rossi", comment: "lens cleaned", nowMs: nowMs + 1)
    #expect(life.state == .ackedActive && rows.map(\.kind) == [.acknowledged] && !rows[0].page)
    rows = life.clear(endedMs: nowMs + 2, measure: measure, nowMs: nowMs + 2)
    #expect(life.state == .normal && rows.map(\.kind) == [.cleared])
    #expect(life.revision == 4)
  }

  @Test func clearedBeforeAnybodyLookedItWaitsForAnAcknowledgement() {
    var life = raised()
    _ = life.clear(endedMs: nowMs + 1, measure: measure, nowMs: nowMs + 1)
    #expect(life.state == .rtnUnack && life.needsAcknowledgement)
    _ = life.acknowledge(by: "x", comment: nil, nowMs: nowMs + 2)
    #expect(life.state == .normal && !life.needsAcknowledgement)
  }

  @Test func aSecondAcknowledgementSaysNothing() {
    var life = raised()
    #expect(life.acknowledge(by: "x", comment: nil, nowMs: nowMs).count == 1)
    #expect(life.acknowledge(by: "y", comment: nil, nowMs: nowMs).isEmpty)
    #expect(life.occurrence?.ackedBy == "x")
  }

  /// An alarm that was repeated with a higher severity (and acknowledged), cleared at `nowMs`, and raised
  /// again `returnMs` later.
  private func again(
    after returnMs: Int64, as raise: AlarmStateMachine.Raise = .page, isAcked: Bool = true
  ) -> (life: AlarmStateMachine, first: String?, rows: [AlertTransition]) {
    var life = raised()
    let first = life.occurrence?.id
    for index in Int64(1)...3 { _ = life.tick(nowMs: nowMs + index * hour) }
    if isAcked { _ = life.acknowledge(by: "x", comment: "seen", nowMs: nowMs + 4 * hour) }
    _ = life.clear(endedMs: nowMs + 4 * hour, measure: measure, nowMs: nowMs + 4 * hour)
    var before = episode(nowMs - hour)
    before.endedMs = nowMs + 4 * hour
    let raisedMs = nowMs + 4 * hour + returnMs
    let episode = Episode(key: key, sinceMs: raisedMs - 1, raisedMs: raisedMs, valuePpm: nil, after: before)
    let rows = life.raise(episode, site: "plant-a", as: raise, measure: measure, nowMs: raisedMs)
    return (life, first, rows)
  }

  @Test(arguments: [600_001, 20 * 3_600_000, 86_400_000] as [Int64])
  func againWithinADayIsTheSameOccurrenceAndCalls(returnMs: Int64) {
    let (life, first, rows) = again(after: returnMs)
    #expect(rows.map(\.kind) == [.reopened] && rows[0].page)
    #expect(life.occurrence?.id == first && life.occurrence?.flapCount == 1)
    #expect(life.state == .unackActive && life.occurrence?.ackedBy == nil && life.occurrence?.comment == nil)
    #expect(life.severity == 600 && life.occurrence?.renotifyCount == 0, "severity starts again")
  }

  @Test(arguments: [0, 1, 600_000] as [Int64]) func aShortReturnIsChatter(returnMs: Int64) {
    let (life, first, rows) = again(after: returnMs)
    #expect(rows.map(\.kind) == [.reopened] && !rows[0].page)
    #expect(life.occurrence?.id == first && life.occurrence?.flapCount == 1)
    #expect(life.state == .ackedActive, "it was acknowledged and nothing new happened")
    #expect(again(after: returnMs, isAcked: false).life.state == .unackActive)
  }

  @Test func againInThePastOrInsideASiteAlertCallsNobody() {
    let past = again(after: hour, as: .historical)
    #expect(past.rows.map(\.page) == [false] && past.life.state == .unackActive)
    let attached = again(after: hour, as: .attached(to: "plant-a/site_model/v1"))
    #expect(attached.rows.map(\.page) == [false])
    #expect(attached.life.occurrence?.attachedTo == "plant-a/site_model/v1")
  }

  @Test func aDayLaterItIsANewOne() {
    var life = raised()
    let first = life.occurrence?.id
    _ = life.clear(endedMs: nowMs, measure: measure, nowMs: nowMs)
    var before = episode(nowMs - hour)
    before.endedMs = nowMs
    let again = episode(nowMs + 23 * hour + 1, after: before)
    let rows = life.raise(again, site: "plant-a", as: .page, measure: measure, nowMs: nowMs + 25 * hour)
    #expect(rows.map(\.kind) == [.raised] && rows[0].page)
    #expect(life.occurrence?.id != first && life.occurrence?.flapCount == 0)
  }

  @Test func afterAnHourItCallsAgainTwentyFourTimesAtMost() {
    var life = raised()
    #expect(life.tick(nowMs: nowMs + hour - 1).isEmpty)
    var calls = 0
    for index in 1...60 {
      let rows = life.tick(nowMs: nowMs + Int64(index) * hour)
      calls += rows.count
      #expect(rows.allSatisfy { $0.kind == .renotify && $0.page })
      #expect(life.severity == (index < 3 ? 600 : 800))
    }
    #expect(calls == 24 && life.occurrence?.renotifyCount == 24)
  }

  @Test func nobodyIsCalledAgainAfterAnAcknowledgementOrAClear() {
    var acked = raised()
    _ = acked.acknowledge(by: "x", comment: nil, nowMs: nowMs)
    #expect(acked.tick(nowMs: nowMs + 9 * hour).isEmpty)
    var cleared = raised()
    _ = cleared.clear(endedMs: nowMs, measure: measure, nowMs: nowMs)
    #expect(cleared.tick(nowMs: nowMs + 9 * hour).isEmpty)
  }

  @Test func aClockThatJumpsBackDoesNotCall() {
    var life = raised()
    #expect(life.tick(nowMs: nowMs - 99 * hour).isEmpty)
  }

  @Test func shelvedItIsSilentAndComesBackByItself() {
    var life = raised()
    _ = life.shelve(untilMs: nowMs + 2 * hour, by: "x", reason: "spare lens ordered", nowMs: nowMs)
    #expect(life.state == .shelved)
    #expect(life.tick(nowMs: nowMs + 2 * hour - 1).isEmpty)
    let rows = life.tick(nowMs: nowMs + 2 * hour)
    #expect(life.state == .unackActive && rows.map(\.kind) == [.unshelved] && rows[0].page)
  }

  @Test func aShelfIsAMinuteToEightHours() {
    for (asked, given) in [(0, 60_000), (hour, hour), (99 * hour, 8 * hour)] as [(Int64, Int64)] {
      var life = raised()
      _ = life.shelve(untilMs: nowMs + asked, by: "x", reason: "y", nowMs: nowMs)
      #expect(life.shelf?.untilMs == nowMs + given)
    }
  }

  @Test func whatHappensOnTheShelfCallsNobody() {
    var life = life()
    _ = life.shelve(untilMs: nowMs + hour, by: "x", reason: "y", nowMs: nowMs)
    let rows = life.raise(episode(nowMs), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    #expect(life.state == .shelved && rows.map(\.kind) == [.raised] && !rows[0].page)
    _ = life.acknowledge(by: "x", comment: nil, nowMs: nowMs)
    let back = life.unshelve(by: "x", comment: nil, nowMs: nowMs)
    #expect(life.state == .ackedActive && !back[0].page)
    #expect(life.unshelve(by: "x", comment: nil, nowMs: nowMs).isEmpty)
  }

  @Test func adviceCallsNobodyNorAgain() {
    var life = life(.gateShare)
    let rows = life.raise(episode(nowMs), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    #expect(rows.map(\.kind) == [.raised] && !rows[0].page && life.severity == 200)
    #expect(life.tick(nowMs: nowMs + 5 * hour).isEmpty)
  }

  @Test func whatCannotReturnEndsWithTheAcknowledgement() {
    var life = life(.versionRegression)
    _ = life.raise(episode(nowMs), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    _ = life.acknowledge(by: "x", comment: nil, nowMs: nowMs)
    #expect(life.state == .normal)
  }

  @Test func aMeanThatDancesAroundTheLimitIsTwoNotesAnHour() {
    var life = life()
    var rows = 0
    for index in Int64(0)..<7200 {
      let sinceMs: Int64? = index % 2 == 0 ? nowMs + index * 1000 : nil
      rows += life.follow(pendingSinceMs: sinceMs, measure: measure, nowMs: nowMs + index * 1000).count
      #expect(life.state == (index % 2 == 0 ? .pending : .normal), "the topic is always right")
    }
    #expect(rows == 4)
  }

  @Test func aPagedAlertTakesNoNoteOfPending() {
    var life = raised()
    #expect(life.follow(pendingSinceMs: nowMs, measure: measure, nowMs: nowMs).isEmpty)
    #expect(life.state == .unackActive)
  }

  @Test func aRetractedOneIsGoneButItsRowNamesIt() {
    var life = raised()
    let id = life.occurrence?.id
    let rows = life.retract(episode(nowMs - hour), nowMs: nowMs)
    #expect(life.state == .normal && life.occurrence == nil)
    #expect(AlertRecord(siteID: "plant-a", transition: rows[0]).occurrenceID == id)
  }

  @Test func everyRowHasItsOwnRevision() {
    var life = raised()
    var seen = [life.revision]
    seen += life.shelve(untilMs: nowMs, by: "x", reason: "y", nowMs: nowMs).map(\.life.revision)
    seen += life.unshelve(by: "x", comment: nil, nowMs: nowMs).map(\.life.revision)
    seen += life.judge(isFalseAlarm: true, by: "x", comment: nil, nowMs: nowMs).map(\.life.revision)
    #expect(seen == [1, 2, 3, 4])
  }
}
