import AndonCore
import GRDB
import TestSupport
import Testing

@testable import AndonStore

/// What never happened is nil in the program and 0 in the file, as in files of older versions.
@Suite(.ownThread) struct StoredTimeTests {
  private func row(_ test: TestSite, _ sql: String) throws -> [Int64] {
    try DatabaseQueue(path: test.store.path).read { db in
      let row = try #require(try Row.fetchOne(db, sql: sql))
      return row.databaseValues.map { Int64.fromDatabaseValue($0) ?? -1 }
    }
  }

  @Test func aFileThatNeverHadASessionSaysSo() throws {
    let test = try TestSite()
    try test.store.commit { try $0.save(StoreProgress()) }
    #expect(try test.store.progress() == StoreProgress())
    let times =
      "committed_at_ms, session_since_ms, lost_since_ms, newest_event_ms, broker_dropped_at_ms, heard_at_ms"
    #expect(try row(test, "SELECT \(times) FROM progress") == Array(repeating: 0, count: 6))
    var progress = StoreProgress()
    (progress.committedAtMs, progress.sessionSinceMs, progress.lostSinceMs) = (1, 2, 3)
    (progress.newestEventMs, progress.brokerDroppedAtMs, progress.heardAtMs) = (4, 5, 6)
    try test.store.commit { try $0.save(progress) }
    #expect(try test.store.progress() == progress && progress.lastSafeMs == 4)
    #expect(try row(test, "SELECT \(times) FROM progress") == [1, 2, 3, 4, 5, 6])
  }

  @Test func aCameraThatNeverSentAnEventSaysSo() throws {
    let test = try TestSite()
    var camera = CameraRow(cameraID: "c", events: 0, lastEventMs: nil, lastReceivedMs: nil, status: .offline)
    try test.store.commit { try $0.recordCamera(camera) }
    #expect(try test.store.cameras() == [camera])
    let times = "SELECT last_event_ms, last_received_ms, qos0_last_ms FROM camera"
    #expect(try row(test, times) == [0, 0, 0])
    (camera.lastEventMs, camera.lastReceivedMs, camera.lastQoS0Ms) = (1, 2, 3)
    try test.store.commit { try $0.recordCamera(camera) }
    #expect(try test.store.cameras() == [camera])
    #expect(try row(test, times) == [1, 2, 3])
  }
}
