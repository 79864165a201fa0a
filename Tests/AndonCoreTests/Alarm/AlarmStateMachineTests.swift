import AndonCore
import Testing

@Suite struct AlarmStateMachineTests {
  private let nowMs: Int64 = 1_795_219_200_000
  private let hour: Int64 = 3_600_000
  private let key = AlarmKey(rule: .confidenceLow, sourceID: "cam-01", modelVersion: "v1")
  private let measure = AlarmMeasure(metric: "confidence_mean", value: 71, limit: 75, clearLimit: 78)

  private func machine(_ rule: AlarmRule = .confidenceLow) -> AlarmStateMachine {
    AlarmStateMachine(key: AlarmKey(rule: rule, sourceID: "cam-01", modelVersion: "v1"), measure: measure)
  }

  private func episode(_ sinceMs: Int64, after previous: Episode? = nil) -> Episode {
    Episode(key: key, sinceMs: sinceMs, raisedMs: sinceMs + hour, valuePpm: nil, after: previous)
  }

  private func raised(as raise: AlarmStateMachine.Raise = .page) -> AlarmStateMachine {
    var machine = machine()
    _ = machine.raise(episode(nowMs - hour), site: "plant-a", as: raise, measure: measure, nowMs: nowMs)
    return machine
  }

  @Test func theWholeWay() {
    var machine = machine()
    #expect(machine.state == .normal)
    var rows = machine.apply(pendingSinceMs: nowMs - hour, measure: measure, nowMs: nowMs - hour)
    #expect(machine.state == .pending && rows.map(\.kind) == [.pending] && !rows[0].page)
    rows = machine.raise(episode(nowMs - hour), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    #expect(machine.state == .unackActive && rows.map(\.kind) == [.raised] && rows[0].page)
    #expect(rows[0].fromState == .pending)
    rows = machine.acknowledge(by: "m.rossi", comment: "lens cleaned", nowMs: nowMs + 1)
    #expect(machine.state == .ackedActive && rows.map(\.kind) == [.acknowledged] && !rows[0].page)
    rows = machine.clear(endedMs: nowMs + 2, measure: measure, nowMs: nowMs + 2)
    #expect(machine.state == .normal && rows.map(\.kind) == [.cleared])
    #expect(machine.revision == 4)
  }

  @Test func clearedBeforeAnybodyLookedItWaitsForAnAcknowledgement() {
    var machine = raised()
    _ = machine.clear(endedMs: nowMs + 1, measure: measure, nowMs: nowMs + 1)
    #expect(machine.state == .rtnUnack && machine.needsAcknowledgement)
    _ = machine.acknowledge(by: "x", comment: nil, nowMs: nowMs + 2)
    #expect(machine.state == .normal && !machine.needsAcknowledgement)
  }

  @Test func aSecondAcknowledgementSaysNothing() {
    var machine = raised()
    #expect(machine.acknowledge(by: "x", comment: nil, nowMs: nowMs).count == 1)
    #expect(machine.acknowledge(by: "y", comment: nil, nowMs: nowMs).isEmpty)
    #expect(machine.occurrence?.ackedBy == "x")
  }

  /// An alarm that was repeated with a higher severity (and acknowledged), cleared at `nowMs`, and raised
  /// again `returnMs` later.
  private func again(
    after returnMs: Int64, as raise: AlarmStateMachine.Raise = .page, isAcked: Bool = true
  ) -> (machine: AlarmStateMachine, first: String?, rows: [AlarmTransition]) {
    var machine = raised()
    let first = machine.occurrence?.id
    for index in Int64(1)...3 { _ = machine.tick(nowMs: nowMs + index * hour) }
    if isAcked { _ = machine.acknowledge(by: "x", comment: "seen", nowMs: nowMs + 4 * hour) }
    _ = machine.clear(endedMs: nowMs + 4 * hour, measure: measure, nowMs: nowMs + 4 * hour)
    var before = episode(nowMs - hour)
    before.endedMs = nowMs + 4 * hour
    let raisedMs = nowMs + 4 * hour + returnMs
    let episode = Episode(key: key, sinceMs: raisedMs - 1, raisedMs: raisedMs, valuePpm: nil, after: before)
    let rows = machine.raise(episode, site: "plant-a", as: raise, measure: measure, nowMs: raisedMs)
    return (machine, first, rows)
  }

  @Test(arguments: [600_001, 20 * 3_600_000, 86_400_000] as [Int64])
  func againWithinADayIsTheSameOccurrenceAndCalls(returnMs: Int64) {
    let (machine, first, rows) = again(after: returnMs)
    #expect(rows.map(\.kind) == [.reopened] && rows[0].page)
    #expect(machine.occurrence?.id == first && machine.occurrence?.flapCount == 1)
    #expect(
      machine.state == .unackActive && machine.occurrence?.ackedBy == nil
        && machine.occurrence?.comment == nil)
    #expect(machine.severity == 600 && machine.occurrence?.renotifyCount == 0, "severity starts again")
  }

  @Test(arguments: [0, 1, 600_000] as [Int64]) func aShortReturnIsChatter(returnMs: Int64) {
    let (machine, first, rows) = again(after: returnMs)
    #expect(rows.map(\.kind) == [.reopened] && !rows[0].page)
    #expect(machine.occurrence?.id == first && machine.occurrence?.flapCount == 1)
    #expect(machine.state == .ackedActive, "it was acknowledged and nothing new happened")
    #expect(again(after: returnMs, isAcked: false).machine.state == .unackActive)
  }

  @Test func againInThePastOrInsideASiteAlertCallsNobody() {
    let past = again(after: hour, as: .historical)
    #expect(past.rows.map(\.page) == [false] && past.machine.state == .unackActive)
    let attached = again(after: hour, as: .attached(to: "plant-a/site_model/v1"))
    #expect(attached.rows.map(\.page) == [false])
    #expect(attached.machine.occurrence?.attachedTo == "plant-a/site_model/v1")
  }

  @Test func aDayLaterItIsANewOne() {
    var machine = raised()
    let first = machine.occurrence?.id
    _ = machine.clear(endedMs: nowMs, measure: measure, nowMs: nowMs)
    var before = episode(nowMs - hour)
    before.endedMs = nowMs
    let again = episode(nowMs + 23 * hour + 1, after: before)
    let rows = machine.raise(again, site: "plant-a", as: .page, measure: measure, nowMs: nowMs + 25 * hour)
    #expect(rows.map(\.kind) == [.raised] && rows[0].page)
    #expect(machine.occurrence?.id != first && machine.occurrence?.flapCount == 0)
  }

  @Test func afterAnHourItCallsAgainTwentyFourTimesAtMost() {
    var machine = raised()
    #expect(machine.tick(nowMs: nowMs + hour - 1).isEmpty)
    var calls = 0
    for index in 1...60 {
      let rows = machine.tick(nowMs: nowMs + Int64(index) * hour)
      calls += rows.count
      #expect(rows.allSatisfy { $0.kind == .renotify && $0.page })
      #expect(machine.severity == (index < 3 ? 600 : 800))
    }
    #expect(calls == 24 && machine.occurrence?.renotifyCount == 24)
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
    var machine = raised()
    #expect(machine.tick(nowMs: nowMs - 99 * hour).isEmpty)
  }

  @Test func shelvedItIsSilentAndComesBackByItself() {
    var machine = raised()
    _ = machine.shelve(untilMs: nowMs + 2 * hour, by: "x", reason: "spare lens ordered", nowMs: nowMs)
    #expect(machine.state == .shelved)
    #expect(machine.tick(nowMs: nowMs + 2 * hour - 1).isEmpty)
    let rows = machine.tick(nowMs: nowMs + 2 * hour)
    #expect(machine.state == .unackActive && rows.map(\.kind) == [.unshelved] && rows[0].page)
  }

  @Test func aShelfIsAMinuteToEightHours() {
    for (asked, given) in [(0, 60_000), (hour, hour), (99 * hour, 8 * hour)] as [(Int64, Int64)] {
      var machine = raised()
      _ = machine.shelve(untilMs: nowMs + asked, by: "x", reason: "y", nowMs: nowMs)
      #expect(machine.shelf?.untilMs == nowMs + given)
    }
  }

  @Test func whatHappensOnTheShelfCallsNobody() {
    var machine = machine()
    _ = machine.shelve(untilMs: nowMs + hour, by: "x", reason: "y", nowMs: nowMs)
    let rows = machine.raise(episode(nowMs), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    #expect(machine.state == .shelved && rows.map(\.kind) == [.raised] && !rows[0].page)
    _ = machine.acknowledge(by: "x", comment: nil, nowMs: nowMs)
    let back = machine.unshelve(by: "x", comment: nil, nowMs: nowMs)
    #expect(machine.state == .ackedActive && !back[0].page)
    #expect(machine.unshelve(by: "x", comment: nil, nowMs: nowMs).isEmpty)
  }

  @Test func adviceCallsNobodyNorAgain() {
    var machine = machine(.gateShare)
    let rows = machine.raise(episode(nowMs), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    #expect(rows.map(\.kind) == [.raised] && !rows[0].page && machine.severity == 200)
    #expect(machine.tick(nowMs: nowMs + 5 * hour).isEmpty)
  }

  @Test func whatCannotReturnEndsWithTheAcknowledgement() {
    var machine = machine(.versionRegression)
    _ = machine.raise(episode(nowMs), site: "plant-a", as: .page, measure: measure, nowMs: nowMs)
    _ = machine.acknowledge(by: "x", comment: nil, nowMs: nowMs)
    #expect(machine.state == .normal)
  }

  @Test func aMeanThatDancesAroundTheLimitIsTwoNotesAnHour() {
    var machine = machine()
    var rows = 0
    for index in Int64(0)..<7200 {
      let sinceMs: Int64? = index % 2 == 0 ? nowMs + index * 1000 : nil
      rows += machine.apply(pendingSinceMs: sinceMs, measure: measure, nowMs: nowMs + index * 1000).count
      #expect(machine.state == (index % 2 == 0 ? .pending : .normal), "the topic is always right")
    }
    #expect(rows == 4)
  }

  @Test func aPagedAlertTakesNoNoteOfPending() {
    var machine = raised()
    #expect(machine.apply(pendingSinceMs: nowMs, measure: measure, nowMs: nowMs).isEmpty)
    #expect(machine.state == .unackActive)
  }

  @Test func aRetractedOneIsGoneButItsRowNamesIt() {
    var machine = raised()
    let id = machine.occurrence?.id
    let rows = machine.retract(episode(nowMs - hour), nowMs: nowMs)
    #expect(machine.state == .normal && machine.occurrence == nil)
    #expect(AlarmRecord(siteID: "plant-a", transition: rows[0]).occurrenceID == id)
  }

  @Test func everyRowHasItsOwnRevision() {
    var machine = raised()
    var seen = [machine.revision]
    seen += machine.shelve(untilMs: nowMs, by: "x", reason: "y", nowMs: nowMs).map(\.machine.revision)
    seen += machine.unshelve(by: "x", comment: nil, nowMs: nowMs).map(\.machine.revision)
    seen += machine.judge(isFalseAlarm: true, by: "x", comment: nil, nowMs: nowMs).map(\.machine.revision)
    #expect(seen == [1, 2, 3, 4])
  }
}
