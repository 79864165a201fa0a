import AndonCore
import Synchronization
import Testing

@testable import AndonStatus
@testable import AndonStore

/// What a commit writes to the status board costs the same with one camera and with a thousand.
@Suite struct StatusCostTests {
  @Test func aCommitListsNoCamerasButEachReaderSeesThem() {
    let board = StatusBoard(bridgeID: "b1", siteIDs: ["plant-a"], startedAtMs: 0)
    let listed = Mutex(0)
    for commit in 1...1000 {
      board.update("plant-a") { status in
        status.counters.stored = Int64(commit)
        status.completion = { status in
          listed.withLock { $0 += 1 }
          status.alarmsActive = commit
          // A reader must not hold the lock meanwhile: this would never return.
          _ = board.states
        }
      }
    }
    #expect(listed.withLock { $0 } == 0)
    #expect(board.site("plant-a")?.alarmsActive == 1000)
    #expect(board.snapshot.map(\.alarmsActive) == [1000] && board.snapshot.map(\.counters.stored) == [1000])
    #expect(listed.withLock { $0 } == 3)
  }
}
