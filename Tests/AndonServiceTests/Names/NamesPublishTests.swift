import AndonCore
import Foundation
import Logging
import Mosquitto
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonPublish

/// What people call things, on the wire.
@Suite(.ownThread) struct NamesPublishTests {
  private static func settings(_ press: String = "Press 1") -> String {
    ", name: Plant A, workstations: {S1: {name: \(press)}, S2: {}}"
      + ", areas: [{id: hall, name: Hall, lines: [{id: l1, name: Line 1, workstations: [S1, S2]}]}]"
      + ", cameras: {cam-01: {name: Left, workstations: [S1], contact: '4711'}}"
  }
  private let nowMs = TestSite.nowMs

  @Test func theNamesAreRetainedAndSetAgainOnlyWhenTheyChange() throws {
    let site = try PublishedSite(Self.settings())
    try site.publish(atMs: nowMs)
    #expect(site.object("meta/site")["name"] as? String == "Plant A")
    #expect(site.object("meta/site")["timestamp_ms"] as? Int64 == nowMs)
    // A reload that changes something else.
    try site.reload(Self.settings() + ", kpi: {min_coverage: 1}")
    try site.publish(atMs: nowMs + 1000)
    #expect(site.object("meta/site")["timestamp_ms"] as? Int64 == nowMs)
    try site.reload(Self.settings("Press 2"))
    try site.publish(atMs: nowMs + 2000)
    #expect(site.object("meta/site")["timestamp_ms"] as? Int64 == nowMs + 2000)
    #expect(site.retained["r/plant-a/meta/site"]?.contains("Press 2") == true)
  }

  @Test func theNamesLeaveWithTheSite() throws {
    let folder = try TemporaryFolder.make("names")
    var optional = OptionalTopics()
    optional.dataDirectory = folder.path
    let site = try PublishedSite(Self.settings(), optional: optional)
    try site.publish(atMs: nowMs)
    // The bridge starts again without the site: nothing tells it but the file.
    let queue = PublishQueue(wakeup: try Wakeup())
    let retired = RetiredTopics(
      dataDirectory: folder.path, root: "r", publishQueue: queue, logger: .init(label: "test"))
    retired.resume(sites: ["other"])
    let emptied = queue.dequeue(1000).filter(\.publication.payload.isEmpty).map(\.publication.topic)
    #expect(emptied.contains("r/plant-a/meta/site"), "\(emptied)")
  }

  @Test func recordsCarryNamesAndPlace() throws {
    let site = try PublishedSite(Self.settings(), scalarTags: true)
    try site.add(nowMs - 60_000)
    try site.publish(atMs: nowMs)
    let station = site.object("kpi/workstation/S1/hour")
    #expect(station["name"] as? String == "Press 1" && station["line_id"] as? String == "l1")
    #expect(station["area_id"] as? String == "hall")
    let worker = site.object("kpi/worker/W1/hour")
    #expect(worker["workstation_name"] as? String == "Press 1" && worker["name"] == nil)
    #expect(site.object("kpi/line/l1/hour")["name"] as? String == "Line 1")
    #expect(site.object("kpi/site/plant-a/hour")["name"] as? String == "Plant A")
    // A station without a name of its own.
    try site.add(nowMs - 30_000, worker: "W2", station: "S2")
    try site.publish(atMs: nowMs + 1000)
    #expect(site.object("kpi/workstation/S2/hour")["name"] == nil)
  }

  @Test func aNewNameIsNoCorrectionOfAClosedWindow() throws {
    let site = try PublishedSite(Self.settings())
    try site.add(nowMs - 3_600_000)
    #expect(try !site.publish(atMs: nowMs).isEmpty)
    try site.reload(Self.settings("Press 2"))
    #expect(try site.publish(atMs: nowMs + 1000).isEmpty)
    #expect(site.object("kpi/workstation/S1/hour")["name"] as? String == "Press 2")
  }
}
