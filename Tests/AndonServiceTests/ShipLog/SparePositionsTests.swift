import Foundation
import TestSupport
import Testing

@testable import AndonBridge
@testable import AndonCentral
@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonStore

/// Which files a bridge of a fleet says that it has: as they are now, however often it was asked before.
@Suite struct SparePositionsTests {
  @Test func theyFollowTheFiles() throws {
    let site = try TestSite()
    let path = site.settings.databasePath(site: "plant-a")
    let spare = SparePositions(site.settings)
    #expect(spare.read(except: []) == [], "its log is off")
    try site.store.setLog(ShipSelection(events: true, scopes: [.site], keepsState: true))
    func commit(_ number: Int64) throws -> FleetFile? {
      site.add(TestSite.event(TestSite.nowMs - 60_000 + number * 1000, worker: "W1"))
      _ = try site.turn.commitAdded()
      let state = try site.store.shipState()
      return state.map { FleetFile(siteID: "plant-a", seq: $0.committed.seq, tip: $0.committed.tip) }
    }
    for number in Int64(0)..<3 {
      let newest = try #require(try commit(number))
      #expect(spare.read(except: []).last == newest)
      #expect(spare.read(except: []).last == newest, "as it was")
    }
    #expect(spare.read(except: ["plant-a"]) == [])
    let newest = try #require(try commit(3))
    #expect(spare.read(except: []).last == newest, "it was open meanwhile")
    try site.store.close()
    #expect(spare.read(except: []).last == newest)
    for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    try Data("no database".utf8).write(to: URL(fileURLWithPath: path))
    #expect(spare.read(except: []) == [])
    try FileManager.default.removeItem(atPath: path)
    #expect(spare.read(except: []) == [])
  }
}
