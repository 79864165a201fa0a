import TestSupport
import Testing

@testable import AndonConfiguration

@Suite(.ownThread) struct SettingsShiftTests {
  private static let time = "must be a time of day in quotes, e.g. \"06:00\""

  @Test(arguments: [
    (#"{id: a, start: "06:00", end: "14:00"}, {id: b, start: "13:59", end: "22:00"}"#, "a", "b"),
    (#"{id: a, start: "22:00", end: "06:00"}, {id: b, start: "05:00", end: "07:00"}"#, "a", "b"),
    (#"{id: b, start: "05:00", end: "07:00"}, {id: a, start: "22:00", end: "06:00"}"#, "b", "a"),
    (#"{id: a, start: "06:00", end: "06:00"}, {id: b, start: "07:00", end: "08:00"}"#, "a", "b"),
    (#"{id: a, start: "20:00", end: "02:00"}, {id: b, start: "01:59", end: "21:00"}"#, "a", "b"),
    (#"{id: a, start: "01:00", end: "02:00"}, {id: b, start: "01:00", end: "02:00"}"#, "a", "b"),
  ])
  func overlaps(_ shifts: String, _ first: String, _ second: String) {
    let complaint = SettingsSample.complaint(SettingsSample.shifts(shifts))
    #expect(complaint == "a.yaml:1: sites[0].shifts[1]: \"\(first)\" and \"\(second)\" overlap")
  }

  @Test func shiftsThatOnlyMeetAreFine() throws {
    let yaml = SettingsSample.shifts(
      #"{id: a, start: "06:00", end: "14:00"}, {id: b, start: "14:00", end: "22:00"}, "#
        + #"{id: c, start: "22:00", end: "06:00", breaks: "#
        + #"[{start: "23:45", end: "00:15"}, {start: "02:00", end: "02:30"}]}"#
    )
    let shifts = try SettingsSample.load(yaml).sites[0].shifts
    #expect(shifts.map(\.id) == ["a", "b", "c"])
    #expect(shifts.map(\.startMinute) == [360, 840, 1320] && shifts.map(\.endMinute) == [840, 1320, 360])
    #expect(
      shifts[2].breaks.map(\.startMinute) == [1425, 120] && shifts[2].breaks.map(\.endMinute) == [15, 150])
  }

  @Test func aShiftOfAWholeDayMayEndWithABreak() throws {
    let yaml = SettingsSample.shifts(
      #"{id: a, start: "06:00", end: "06:00", breaks: [{start: "05:30", end: "06:00"}]}"#)
    #expect(try SettingsSample.load(yaml).sites[0].shifts[0].breaks.count == 1)
  }

  @Test func bareTimesAreReadAsWritten() throws {
    let shift = try SettingsSample.load(SettingsSample.shifts("{id: a, start: 06:30, end: 14:00}")).sites[0]
      .shifts[0]
    #expect(shift.startMinute == 390 && shift.endMinute == 840)
  }

  @Test(arguments: [
    (#"{id: a, start: "24:00", end: "06:00"}"#, ".start: \(time), not \"24:00\"; midnight is \"00:00\""),
    (#"{id: a, start: "6:00", end: "14:00"}"#, ".start: \(time), not \"6:00\""),
    (#"{id: a, start: "06:60", end: "14:00"}"#, ".start: \(time), not \"06:60\""),
    (#"{id: a, start: "06:00:00", end: "14:00"}"#, ".start: \(time), not \"06:00:00\""),
    (#"{id: a, start: 360, end: "14:00"}"#, ".start: \(time), not \"360\""),
    (#"{id: a, end: "14:00"}"#, ".start: \(time); it is missing"),
    (#"{id: a, start: "06:00"}"#, ".end: \(time); it is missing"),
    (#"{start: "06:00", end: "14:00"}"#, ".id: must be 1 to 64 of [A-Za-z0-9_-]; it is missing"),
    (#"{id: a, start: "06:00", end: "14:00", brakes: []}"#, ".brakes: unknown key; did you mean breaks?"),
    (#"{id: a, start: "06:00", end: "14:00", breaks: 1}"#, ".breaks: must be a list of breaks"),
    (
      #"{id: a, start: "06:00", end: "14:00", breaks: [{start: "10:00", stop: "10:15", end: "10:15"}]}"#,
      ".breaks[0].stop: unknown key"
    ),
    (#"{id: a, start: "06:00", end: "14:00", breaks: [x]}"#, ".breaks[0]: must be a section of keys"),
    ("a", ": must be a section of keys"),
  ])
  func wrongShifts(_ shift: String, _ message: String) {
    #expect(
      SettingsSample.complaint(SettingsSample.shifts(shift)) == "a.yaml:1: sites[0].shifts[0]\(message)")
  }

  @Test(arguments: [
    #"{start: "05:00", end: "06:30"}"#, #"{start: "13:30", end: "14:01"}"#,
    #"{start: "10:15", end: "10:00"}"#,
    #"{start: "10:00", end: "10:00"}"#, #"{start: "22:00", end: "23:00"}"#,
    #"{start: "10:00", end: "06:00"}"#,
  ])
  func breaksOutside(_ pause: String) {
    let yaml = SettingsSample.shifts(#"{id: a, start: "06:00", end: "14:00", breaks: [\#(pause)]}"#)
    #expect(
      SettingsSample.complaint(yaml)
        == "a.yaml:1: sites[0].shifts[0].breaks[0]: must lie inside its shift and end after its start")
  }

  @Test func breaksOverlap() {
    let yaml = SettingsSample.shifts(
      #"{id: a, start: "22:00", end: "06:00", breaks: "#
        + #"[{start: "23:30", end: "00:30"}, {start: "00:15", end: "00:45"}]}"#
    )
    #expect(
      SettingsSample.complaint(yaml) == "a.yaml:1: sites[0].shifts[0].breaks[1]: overlaps another break")
  }

  @Test func twoShiftsOfOneName() {
    let yaml = SettingsSample.shifts(
      #"{id: a, start: "06:00", end: "14:00"}, {id: A, start: "14:00", end: "22:00"}"#)
    #expect(
      SettingsSample.complaint(yaml) == "a.yaml:1: sites[0].shifts[1].id: \"A\" is there already as \"a\"")
  }

  @Test func shiftsMustBeAList() {
    #expect(
      SettingsSample.complaint("sites: [{id: p, timezone: UTC, shifts: {a: b}}]")
        == "a.yaml:1: sites[0].shifts: must be a list of shifts")
  }
}
