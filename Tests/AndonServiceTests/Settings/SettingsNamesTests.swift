import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration

/// Names of a site and its parts.
@Suite(.ownThread) struct SettingsNamesTests {
  private static let stations = "workstations: {S1: {name: Press 1}, S2: {}}"
  private static let long = String(repeating: "x", count: 101)

  @Test func aCameraIsReadWhole() throws {
    let yaml = """
      http: {public_url: https://andon.plant.example/}
      sites:
        - id: p
          timezone: UTC
          shifts: [{id: early, name: Frühschicht, start: "06:00", end: "14:00"}]
          \(Self.stations)
          areas: [{id: hall, lines: [{id: l1, shifts: [{id: day, name: Day, start: "07:00", end: "15:00"}]}]}]
          cameras:
            cam-01:
              name: Press 1, left
              place: Column 7
              workstations: [S1, S2]
              url: https://cam-01.plant.example/
              snapshot_url: http://cam-01.plant.example/jpg?resolution=640x480
              contact: Maintenance, 4711
              drift: {limit: 0.68}
            cam-02: {drift: {limit: 0.7}}
      """
    let site = try SettingsSample.load(yaml).sites[0]
    #expect(
      site.cameras == [
        "cam-01": CameraDescription(
          name: "Press 1, left", place: "Column 7", workstations: ["S1", "S2"],
          url: "https://cam-01.plant.example/",
          snapshotURL: "http://cam-01.plant.example/jpg?resolution=640x480", contact: "Maintenance, 4711")
      ])
    #expect(
      site.cameraLimits["cam-01"]?.limitPpm == 680_000 && site.cameraLimits["cam-02"]?.limitPpm == 700_000)
    #expect(site.publicURL == "https://andon.plant.example")
    #expect(
      site.names.shifts == [
        ShiftName(id: "early", name: "Frühschicht"), ShiftName(id: "day", name: "Day", lineID: "l1"),
      ])
    #expect(site.names.workstation("S1") == "Press 1" && site.names.workstation("S2") == nil)
  }

  @Test(arguments: [
    ("cameras: [cam-01]", "cameras: must be a section, e.g. {cam-07: {name: Press 2 left}}"),
    ("cameras: {'cam 1': {name: x}}", "cameras.cam 1: an id must be 1 to 64 of [A-Za-z0-9_-]"),
    ("cameras: {c: {name: x}, C: {name: y}}", "cameras.C: \"C\" is there already as \"c\""),
    ("cameras: {c: {nam: x}}", "cameras.c.nam: unknown key; did you mean name?"),
    ("cameras: {c: {name: [x]}}", "cameras.c.name: must be text"),
    ("cameras: {c: {name: '  '}}", "cameras.c.name: must not be empty"),
    ("cameras: {c: {place: \(long)}}", "cameras.c.place: must have at most 100 characters, not 101"),
    (#"cameras: {c: {contact: "a\u0085b"}}"#, "cameras.c.contact: must not have control characters"),
    (#"cameras: {c: {name: "a\u202Eb"}}"#, "cameras.c.name: must not have control characters"),
    (
      "cameras: {c: {workstations: [S3]}}",
      "cameras.c.workstations[0]: \"S3\" is not among the workstations of the site; did you mean S1?"
    ),
    ("cameras: {c: {workstations: [S1, S1]}}", "cameras.c.workstations[1]: \"S1\" is there already"),
    ("cameras: {c: {workstations: S1}}", "cameras.c.workstations: must be a list of workstations"),
    ("cameras: {c: {url: 'rtsp://cam/'}}", "cameras.c.url: must be https://host or http://host"),
    ("cameras: {c: {url: 'javascript:alert(1)'}}", "cameras.c.url: must be https://host or http://host"),
    ("cameras: {c: {url: 'http://cam/a b'}}", "cameras.c.url: must be https://host or http://host"),
    (
      "cameras: {c: {snapshot_url: 'http://root:pass@cam/'}}",
      "cameras.c.snapshot_url: must not hold a user or password: everybody who sees the alert sees it"
    ),
    ("name: \(long)", "name: must have at most 100 characters, not 101"),
  ])
  func wrongNames(_ text: String, _ message: String) {
    let complaint = SettingsSample.complaint("sites: [{id: p, timezone: UTC, \(Self.stations), \(text)}]")
    #expect(complaint == "a.yaml:1: sites[0].\(message)")
    // What may be secret is not repeated.
    #expect(!complaint.contains("root:pass"))
  }

  @Test func anySiteMayNameWorkstationsThatItDoesNotList() throws {
    let site = try SettingsSample.load(
      "sites: [{id: p, timezone: UTC, cameras: {c: {workstations: [X9]}}}]"
    ).sites[0]
    #expect(site.cameras["c"]?.workstations == ["X9"])
  }

  @Test func tooManyCamerasAreRefused() {
    let cameras = (0...1000).map { "c\($0): {}" }.joined(separator: ", ")
    let complaint = SettingsSample.complaint("sites: [{id: p, timezone: UTC, cameras: {\(cameras)}}]")
    #expect(complaint == "a.yaml:1: sites[0].cameras: must be at most 1000 cameras")
  }

  @Test(arguments: [
    ("ftp://andon", "must be https://host or http://host"),
    ("andon.example", "must be https://host or http://host"),
    ("https://me:pw@andon.example", "must not hold a user or password"),
    ("https://andon.example/?a=1", "must be an address without a query, at most 512 bytes"),
  ])
  func wrongPublicAddresses(_ url: String, _ message: String) {
    let complaint = SettingsSample.complaint("http: {public_url: '\(url)'}\n\(SettingsSample.site)")
    #expect(complaint == "a.yaml:1: http.public_url: \(message)")
  }
}
