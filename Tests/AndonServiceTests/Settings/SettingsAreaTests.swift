import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration

/// `areas` and `lines` of a site.
@Suite(.ownThread) struct SettingsAreaTests {
  private static let early = #"{id: early, start: "06:00", end: "14:00"}"#

  private func yaml(_ areas: String, more: String = "") -> String {
    "sites:\n  - id: p\n    timezone: UTC\n    shifts: [\(Self.early)]\n\(more)    areas: \(areas)\n"
  }

  private func site(_ areas: String, more: String = "") throws -> SiteSettings {
    try SettingsSample.load(yaml(areas, more: more)).sites[0]
  }

  @Test func areasAndLinesAreRead() throws {
    let site = try site(
      #"[{id: hall-1, name: Hall 1, lines: [{id: line-1, name: Line 1, workstations: [S1, 2], cameras: [cam-01], "#
        + #"shifts: [{id: day, start: "07:00", end: "15:00", days: [sat]}]}, {id: line-2}]}, {id: hall-2}]"#)
    #expect(site.layout.areas.map(\.id) == ["hall-1", "hall-2"] && site.layout.areas[0].name == "Hall 1")
    #expect(site.layout.lines.map(\.id) == ["line-1", "line-2"])
    #expect(
      site.layout.line("line-1")?.workstations == ["S1", "2"] && site.layout.line("line-1")?.name == "Line 1")
    #expect(
      site.layout.line(ofWorkstation: "2")?.id == "line-1" && site.layout.line(ofWorkstation: "S9") == nil)
    #expect(
      site.layout.line(ofCamera: "cam-01")?.id == "line-1"
        && site.layout.area(ofLine: "line-2")?.id == "hall-1")
    #expect(site.lineShifts.keys.sorted() == ["line-1"] && site.lineShifts["line-1"]?[0].days == [.sat])
  }

  @Test func withoutAreasThereAreNone() throws {
    #expect(try site("").layout.areas.isEmpty)
  }

  @Test(arguments: [
    ("{}", ": must be a list of areas"), ("[hall]", "[0]: must be a section of keys"),
    ("[{name: x}]", "[0].id: must be 1 to 64 of [A-Za-z0-9_-]; it is missing"),
    ("[{id: a/b}]", "[0].id: must be 1 to 64 of [A-Za-z0-9_-], not \"a/b\""),
    ("[{id: a, line: []}]", "[0].line: unknown key; did you mean lines?"),
    ("[{id: a}, {id: A}]", "[1].id: \"A\" is there already as \"a\""),
    (
      "[{id: a, lines: [{id: l}]}, {id: b, lines: [{id: l}]}]", "[1].lines[0].id: \"l\" is there already"
    ),
    (
      "[{id: a, lines: [{id: _kpi}]}]",
      "[0].lines[0].id: must be 1 to 64 of [A-Za-z0-9_-], not \"_kpi\""
    ),
    (
      "[{id: a, lines: [{id: l, workstation: [S1]}]}]",
      "[0].lines[0].workstation: unknown key; did you mean workstations?"
    ),
    (
      "[{id: a, lines: [{id: l, workstations: S1}]}]",
      "[0].lines[0].workstations: must be a list of workstations"
    ),
    (
      "[{id: a, lines: [{id: l, workstations: [S1, S1]}]}]",
      "[0].lines[0].workstations[1]: \"S1\" is in this line already"
    ),
    (
      "[{id: a, lines: [{id: l, workstations: [S1]}, {id: m, workstations: [S2, S1]}]}]",
      "[0].lines[1].workstations[1]: \"S1\" is in line \"l\" already"
    ),
    (
      "[{id: a, lines: [{id: l, workstations: [S1]}]}, {id: b, lines: [{id: m, workstations: [s1]}]}]",
      "[1].lines[0].workstations[0]: \"s1\" is in line \"l\" already as \"S1\""
    ),
    (
      "[{id: a, lines: [{id: l, cameras: [c1]}, {id: m, cameras: [c1]}]}]",
      "[0].lines[1].cameras[0]: \"c1\" is in line \"l\" already"
    ),
    (
      "[{id: a, lines: [{id: l, cameras: [~]}]}]",
      "[0].lines[0].cameras[0]: must be the id of one of the cameras"
    ),
    (
      "[{id: a, lines: [{id: l, shifts: []}]}]",
      "[0].lines[0].shifts: must name at least one shift; leave the key out for the shifts of the site"
    ),
    (
      #"[{id: a, lines: [{id: l, shifts: [{id: x, start: "6", end: "14:00"}]}]}]"#,
      #"[0].lines[0].shifts[0].start: must be a time of day in quotes, e.g. "06:00", not "6""#
    ),
  ])
  func wrongAreas(_ areas: String, _ message: String) {
    #expect(SettingsSample.complaint(yaml(areas)) == "a.yaml:5: sites[0].areas\(message)")
  }

  /// The site says which workstations it has: another one is a slip of the pen.
  @Test func anUnknownWorkstationIsAnError() throws {
    let areas = "[{id: a, lines: [{id: l, workstations: [S1, S3]}]}]"
    let found = SettingsSample.complaint(yaml(areas, more: "    workstations: {S1: {name: Press}, S2: {}}\n"))
    #expect(
      found
        == "a.yaml:6: sites[0].areas[0].lines[0].workstations[1]: \"S3\" is not among the workstations of the "
        + "site; did you mean S1?")
    #expect(try site(areas).layout.line("l")?.workstations == ["S1", "S3"])
  }

  /// The calendar holds for the shifts of lines, too.
  @Test func anOpenedDateMayNameShiftsOfALine() throws {
    let areas =
      #"[{id: a, lines: [{id: l, shifts: [{id: one, start: "06:00", end: "12:00", days: [sat]}, "#
      + #"{id: two, start: "10:00", end: "18:00", days: [sun]}]}]}]"#
    func calendar(_ shifts: String) -> String {
      "    calendar: {open: [{date: \"2026-12-19\", shifts: [\(shifts)]}]}\n"
    }
    #expect(SettingsSample.complaint(yaml(areas, more: calendar("one"))) == "no error")
    #expect(
      SettingsSample.complaint(yaml(areas, more: calendar("two")))
        == "a.yaml:5: sites[0].calendar.open[0]: \"one\" and \"two\" of line \"l\" overlap on 2026-12-19")
    #expect(
      SettingsSample.complaint(yaml(areas, more: calendar("tree")))
        == "a.yaml:5: sites[0].calendar.open[0].shifts: must be shifts of the site (early, one, two), not \"tree\""
    )
  }

  /// A reload takes the site over when its areas, lines or their shifts changed.
  @Test func changedAreasChangeTheSite() throws {
    func load(_ areas: String) throws -> Settings { try SettingsSample.load(yaml(areas)) }
    let before = try load("[{id: a, lines: [{id: l}]}]")
    #expect(SettingsChange(from: before, to: try load("[{id: a, lines: [{id: l}]}]")).isEmpty)
    for other in [
      "[{id: a}]", "[{id: a, lines: [{id: l, cameras: [c]}]}]",
      "[{id: a, lines: [{id: l, shifts: [\(Self.early)]}]}]",
    ] {
      #expect(SettingsChange(from: before, to: try load(other)).changed.map(\.id) == ["p"], "\(other)")
    }
  }
}
