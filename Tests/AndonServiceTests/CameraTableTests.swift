import AndonCore
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonStore

@Suite(.ownThread) struct CameraTableTests {
  /// A table that expectations may change.
  private final class Site {
    var table: CameraTable

    init() throws { table = try CameraTable(store: TestSite().store) }

    func status(_ status: CameraStatus, _ camera: String) -> Bool {
      table.record(status: status, of: camera, ghostLimit: 2)
    }

    func event(_ camera: String) -> Bool { table.record(CameraTableTests.statistics(camera)) }

    func atMostOnce(_ count: Int64, _ camera: String, nowMs: Int64) -> Bool? {
      table.record(atMostOnce: count, of: camera, nowMs: nowMs)
    }
  }

  private static func statistics(_ camera: String) -> CameraBatchStatistics {
    var statistics = CameraBatchStatistics(camera: camera)
    let event = Event(
      timestampMs: 5, workerID: "W1", workstationID: "S1", kind: .working, confidencePpm: 900_000)
    statistics.record(
      stored: event, EventNames(worker: 1, workstation: 2, camera: 3, model: 0), receivedMs: 9,
      isReplay: false, isClockDoubted: false)
    return statistics
  }

  @Test func aBatchThatIsNotCommittedLeavesTheTableAsItWas() throws {
    let site = try Site()
    #expect(site.event("x"))
    site.table.settle()
    var copy = site.table
    for camera in ["x", "y"] {
      let isChanged = copy.record(Self.statistics(camera))
      #expect(isChanged)
    }
    copy.record(version: "m2", of: "x", atMs: 9)
    #expect(copy.rows["x"]?.events == 2 && copy.knows("y") && copy.counter(without: [:])("m2") == 1)
    #expect(site.table.rows["x"]?.events == 1 && !site.table.knows("y"))
    #expect(site.table.counter(without: [:])("m2") == 0)
    copy.settle()
    site.table = copy
    #expect(site.table.rows["x"]?.events == 2 && site.table.knows("y"))
  }

  /// Anyone can invent cameras by their status: their number is bounded. One that sends an event is none of them.
  @Test func aCameraThatSendsItsFirstEventLeavesItsPlaceToAnotherWithoutOne() throws {
    let site = try Site()
    #expect(site.status(.online, "x"))
    #expect(site.status(.online, "y"))
    #expect(!site.status(.online, "z") && !site.table.knows("z"))
    #expect(!site.status(.online, "y"), "as before")
    #expect(site.event("x") && site.table.rows["x"]?.status == .online)
    #expect(site.status(.offline, "z") && site.table.knows("z"))
    #expect(!site.status(.online, "w"))
    // A camera that begins with an event takes no such place.
    #expect(site.event("v") && site.table.rows.count == 4)
  }

  @Test func aMessageWithQoS0IsNewsOnceADay() throws {
    let site = try Site()
    #expect(site.atMostOnce(1, "x", nowMs: 1000) == nil, "no camera of the site")
    _ = site.event("x")
    #expect(site.atMostOnce(2, "x", nowMs: 1000) == true)
    #expect(site.atMostOnce(3, "x", nowMs: 2000) == false)
    #expect(site.atMostOnce(1, "x", nowMs: 2000 + CameraRow.atMostOnceMs) == true)
    #expect(site.table.rows["x"]?.qos0Received == 6)
  }

  @Test func aModelVersionHasTheCamerasInServiceWhoseNewestSampleIsOfIt() throws {
    var table = try CameraTable(store: TestSite().store)
    table.record(version: "v2", of: "x", atMs: 20)
    table.record(version: "v1", of: "x", atMs: 10)
    table.record(version: "v2", of: "y", atMs: 10)
    let out = OutOfService(sinceMs: 1, untilMs: nil, by: "m", reason: "r")
    #expect(table.counter(without: [:])("v2") == 2 && table.counter(without: [:])("v1") == 0)
    #expect(table.counter(without: ["x": out])("v2") == 1)
  }
}
