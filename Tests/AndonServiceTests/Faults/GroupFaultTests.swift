import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Rows 124–126 of docs/reliability.md: many cameras fail for one cause, and one person is called once.
@Suite(.ownThread) struct GroupFaultTests {
  private let nowMs = TestSite.nowMs
  private let minute: Int64 = 60_000

  /// 30 cameras, of which the first 24 are on one switch.
  private func site() throws -> AlarmSite {
    let list = (1...24).map(camera).joined(separator: ", ")
    let site = try AlarmSite(", camera_groups: [{id: switch-3, cameras: [\(list)]}]")
    for number in 1...30 {
      site.add(TestSite.event(nowMs - 1000, worker: "W\(number)"), camera: camera(number))
    }
    try site.commit(atMs: nowMs)
    return site
  }

  private func camera(_ number: Int) -> String { number < 10 ? "cam-0\(number)" : "cam-\(number)" }

  private func set(_ word: String, _ numbers: ClosedRange<Int>, _ site: AlarmSite, atMs: Int64) throws {
    for number in numbers { try site.setStatus(word, of: camera(number), atMs: atMs) }
  }

  private func state(_ rule: AlarmRule, _ source: String, _ site: AlarmSite) -> AlarmState? {
    site.turn.engine.machines[AlarmKey(rule: rule, sourceID: source)]?.state
  }

  @Test func fault124_aSwitchWith24CamerasCallsOnceAndNamesTheSmallestGroup() throws {
    let site = try site()
    // Wills come as their keep-alives end.
    for number in 1...24 {
      try site.setStatus("offline", of: camera(number), atMs: nowMs + Int64(number) * 4000)
      try site.tick(atMs: nowMs + Int64(number) * 4000 + 500)
    }
    try site.tickOn(toMs: nowMs + 10 * minute)
    #expect(try site.pages() == ["group_offline/switch-3"])
    let member = site.turn.engine.machines[AlarmKey(rule: .cameraOffline, sourceID: "cam-24")]
    #expect(member?.isRaised == true && member?.occurrence?.attachedTo == "plant-a/group_offline/switch-3")
    let words = try site.store.alarmJournal(limit: 100, alertID: "plant-a/group_offline/switch-3").first?.json
    #expect(words?.contains("24 cameras of the group are offline at once") == true, "\(words ?? "")")
    // Without an acknowledgement: one call an hour, of the group.
    try site.tick(atMs: nowMs + 70 * minute)
    #expect(try site.pages() == ["group_offline/switch-3", "group_offline/switch-3"])
    // They return one by one, and one does not.
    for number in 1...23 {
      try site.setStatus("online", of: camera(number), atMs: nowMs + 71 * minute + Int64(number) * 1000)
    }
    try site.tickOn(toMs: nowMs + 80 * minute)
    #expect(state(.groupOffline, "switch-3", site) == .unackActive)
    try site.tickOn(toMs: nowMs + 82 * minute)
    #expect(state(.groupOffline, "switch-3", site) == .rtnUnack)
    #expect(try site.pages().suffix(1) == ["camera_offline/cam-24"], "it stands for itself now")
  }

  @Test func fault124_aSingleCameraCallsAfterTwoMinutesAndOneWithoutAGroupAtOnce() throws {
    let site = try site()
    try site.setStatus("offline", of: "cam-30", atMs: nowMs)
    try site.tick(atMs: nowMs)
    try site.tickOn(toMs: nowMs + 2 * minute - 1000)
    #expect(try site.pages().isEmpty)
    try site.tick(atMs: nowMs + 2 * minute)
    #expect(try site.pages() == ["camera_offline/cam-30"])

    let lonely = try AlarmSite()
    lonely.add(TestSite.event(nowMs - 1000))
    try lonely.commit(atMs: nowMs)
    try lonely.setStatus("offline", atMs: nowMs)
    try lonely.tick(atMs: nowMs)
    try lonely.tick(atMs: nowMs + minute)
    #expect(try lonely.pages() == ["camera_offline/cam-01"], "the delay of 60 s, and no group to wait for")
  }

  @Test func fault124_aLateMemberOfAnOpenGroupIsAttachedAndARestartChangesNothing() throws {
    let site = try site()
    try set("offline", 1...10, site, atMs: nowMs)
    try site.tick(atMs: nowMs)
    try site.tickOn(toMs: nowMs + 2 * minute)
    #expect(try site.pages() == ["group_offline/switch-3"])
    try site.restart()
    try site.setStatus("offline", of: "cam-11", atMs: nowMs + 9 * minute)
    try site.tick(atMs: nowMs + 9 * minute)
    try site.tickOn(toMs: nowMs + 15 * minute)
    #expect(try site.pages() == ["group_offline/switch-3"])
    try site.setStatus("offline", of: "cam-30", atMs: nowMs + 15 * minute)
    try site.tickOn(toMs: nowMs + 18 * minute)
    #expect(try site.pages() == ["group_offline/switch-3", "camera_offline/cam-30"])
  }

  /// A camera that the plant takes down does not count, and the members' acknowledgement is the group's.
  @Test func fault124_camerasOutOfServiceAreNoMembers() throws {
    let site = try AlarmSite()
    for number in 1...4 {
      site.add(TestSite.event(nowMs - 1000, worker: "W\(number)"), camera: camera(number))
    }
    try site.commit(atMs: nowMs)
    let reason = CameraCommand.Action.outOfService(reason: "rebuilt", untilMs: nil)
    _ = try site.perform(CameraCommand(cameraID: "cam-04", action: reason, by: "test"))
    _ = try site.perform(CameraCommand(cameraID: "cam-03", action: reason, by: "test"))
    try set("offline", 1...4, site, atMs: nowMs)
    try site.tick(atMs: nowMs)
    try site.tickOn(toMs: nowMs + 3 * minute)
    #expect(try site.pages() == ["camera_offline/cam-01", "camera_offline/cam-02"], "two are no group")
  }

  @Test func fault125_camerasThatFallSilentTogetherCallOnce() throws {
    let site = try site()
    let shift = Window(kind: .shift, startMs: nowMs - 3_600_000, endMs: nowMs + 7 * 3_600_000)
    for step in 1...6 {
      site.clock.nowMs = nowMs + Int64(step) * 5 * minute
      for number in 11...30 {
        site.add(
          TestSite.event(nowMs + Int64(step) * 5 * minute, worker: "W\(number)"), camera: camera(number))
      }
      try site.commit(atMs: nowMs + Int64(step) * 5 * minute)
      try site.tickOn(toMs: nowMs + Int64(step + 1) * 5 * minute - 1000, shift: shift)
    }
    #expect(try site.pages() == ["group_silent/switch-3"])
    #expect(state(.cameraSilent, "cam-10", site) == .unackActive)
    site.clock.nowMs = nowMs + 40 * minute
    for number in 1...10 {
      site.add(TestSite.event(nowMs + 40 * minute, worker: "W\(number)"), camera: camera(number))
    }
    try site.commit(atMs: nowMs + 40 * minute)
    try site.tickOn(toMs: nowMs + 40 * minute + 2000, shift: shift)
    #expect(state(.groupSilent, "switch-3", site) == .rtnUnack)
    #expect(try site.pages().count == 1)
  }

  /// The scenario of a camera that fails again after an hour.
  @Test func fault126_aCameraOfflineAcknowledgedBackForAnHourAndOfflineAgainCallsTwice() throws {
    let site = try site()
    try site.setStatus("offline", of: "cam-30", atMs: nowMs)
    try site.tick(atMs: nowMs)
    try site.tickOn(toMs: nowMs + 5 * minute)
    #expect(try site.perform("plant-a/camera_offline/cam-30", .acknowledge).isOK)
    try site.setStatus("online", of: "cam-30", atMs: nowMs + 6 * minute)
    try site.tick(atMs: nowMs + 6 * minute)
    try site.setStatus("offline", of: "cam-30", atMs: nowMs + 66 * minute)
    try site.tick(atMs: nowMs + 66 * minute)
    try site.tickOn(toMs: nowMs + 70 * minute)
    #expect(try site.pages() == ["camera_offline/cam-30", "camera_offline/cam-30"])
  }
}
