import AndonCore
import Foundation
import Logging
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonPublish

/// The figures at the place of the equipment: `{enterprise}/{site}/{area}/{line}/{workstation}/_kpi/{window}`.
@Suite(.ownThread) struct UnifiedNamespaceTests {
  private static let shifts = #", shifts: [{id: early, start: "06:00", end: "14:00"}]"#
  private static let areas =
    ", areas: [{id: hall, lines: [{id: l1, workstations: [S1]}, {id: l2, workstations: [S3]}]}]"
  private let nowMs = TestSite.nowMs

  private func optional(_ folder: URL? = nil, enterprise: String? = "acme") -> OptionalTopics {
    var optional = OptionalTopics()
    optional.enterprise = enterprise
    optional.dataDirectory = folder?.path(percentEncoded: false)
    return optional
  }

  private func places(_ site: PublishedSite) -> Set<String> {
    Set(site.retained.keys.filter { $0.hasPrefix("acme/") })
  }

  @Test func figuresAreAtTheirPlace() throws {
    let site = try PublishedSite(Self.shifts + Self.areas, optional: optional())
    try site.add(nowMs - 60_000)
    try site.add(nowMs - 60_000, worker: "W2", station: "S9")
    try site.publish(atMs: nowMs)
    let expected = ["", "/hall", "/hall/l1", "/hall/l2", "/hall/l1/S1", "/hall/l2/S3"].flatMap { place in
      ["hour", "shift", "day"].map { "acme/plant-a\(place)/_kpi/\($0)" }
    }
    // Neither workers nor a workstation that is in no line.
    #expect(places(site) == Set(expected))
    for window in ["hour", "shift", "day"] {
      for (place, topic) in [
        ("", "site/plant-a"), ("/hall", "area/hall"), ("/hall/l1", "line/l1"),
        ("/hall/l1/S1", "workstation/S1"),
      ] {
        #expect(
          site.retained["acme/plant-a\(place)/_kpi/\(window)"]
            == site.retained["r/plant-a/kpi/\(topic)/\(window)"])
      }
    }
    // No topic is both a leaf and the parent of another one.
    let all = Set(site.retained.keys)
    for topic in all { #expect(!all.contains { $0.hasPrefix(topic + "/") }, "\(topic)") }
  }

  @Test func aWithdrawnShiftIsEmptiedThereToo() throws {
    let site = try PublishedSite(Self.shifts + Self.areas, optional: optional())
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    let today = LocalDate(dayNumber: nowMs / 86_400_000)
    try site.reload(
      Self.shifts + Self.areas + ", calendar: {closed: [\(today)]}", optional: optional(), withNewQueue: false
    )
    try site.publish(atMs: nowMs + 1000)
    #expect(places(site).allSatisfy { !$0.hasSuffix("/shift") } && !places(site).isEmpty)
  }

  @Test(arguments: [false, true]) func whatMovesOrLeavesIsEmptied(isRestarted: Bool) throws {
    let folder = try TemporaryFolder.make("uns")
    defer { try? FileManager.default.removeItem(at: folder) }
    let site = try PublishedSite(Self.areas, optional: optional(folder))
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    #expect(places(site).contains("acme/plant-a/hall/l1/S1/_kpi/hour"))
    let moved = ", areas: [{id: yard, lines: [{id: l2, workstations: [S1]}]}]"
    try site.reload(moved, optional: optional(folder), withNewQueue: isRestarted)
    try site.publish(atMs: nowMs + 1000)
    let expected = ["", "/yard", "/yard/l2", "/yard/l2/S1"].flatMap { place in
      ["hour", "day"].map { "acme/plant-a\(place)/_kpi/\($0)" }
    }
    #expect(places(site) == Set(expected))
    #expect(site.topics("kpi/line") == ["kpi/line/l2/day", "kpi/line/l2/hour"])
    #expect(site.topics("kpi/area") == ["kpi/area/yard/day", "kpi/area/yard/hour"])
    try site.reload(moved, optional: optional(folder, enterprise: nil), withNewQueue: true)
    try site.publish(atMs: nowMs + 2000)
    #expect(places(site).isEmpty)
  }

  /// The site itself leaves, by a reload or while the bridge is stopped.
  @Test(arguments: [false, true]) func aSiteThatLeavesLeavesNothingThere(isRestarted: Bool) throws {
    let folder = try TemporaryFolder.make("uns")
    defer { try? FileManager.default.removeItem(at: folder) }
    let site = try PublishedSite(Self.areas, optional: optional(folder))
    try site.publish(atMs: nowMs)
    #expect(!places(site).isEmpty)
    if isRestarted { try site.reload(Self.areas, optional: optional(folder), withNewQueue: true) }
    let retired = RetiredTopics(
      dataDirectory: folder.path, root: "r", publishQueue: site.queue,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    if isRestarted { retired.resume(sites: ["plant-b"]) } else { retired.retire("plant-a") }
    site.drain()
    #expect(places(site).isEmpty)
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(!left.contains { $0.hasSuffix(".topics") }, "\(left)")
  }

  @Test(arguments: [
    ("uns: {enterprise: a/b}", "uns.enterprise: must be 1 to 64 of [A-Za-z0-9_-], not \"a/b\""),
    (
      "uns: {enterprise: andon}",
      "uns.enterprise: must differ from the first level of topics.root, which is andon/v1"
    ),
    (
      "uns: {enterprise: ha}\ndiscovery: {home_assistant: true, prefix: ha/x}",
      "uns.enterprise: must differ from the first level of discovery.prefix, which is ha/x"
    ),
    (
      "discovery: {home_assistant: true, prefix: andon/v1}",
      "discovery.prefix: must not be above, below or equal to topics.root, which is andon/v1"
    ),
    ("discovery: {home_assistant: 1}", "discovery.home_assistant: must be true or false, not \"1\""),
  ])
  func wrongSettings(_ yaml: String, _ message: String) {
    #expect(SettingsSample.complaint("\(yaml)\n\(SettingsSample.site)") == "a.yaml:1: \(message)")
  }
}
