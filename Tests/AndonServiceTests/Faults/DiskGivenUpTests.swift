import GRDB
import TestSupport
import Testing

@testable import AndonStatus

/// What a fleet goes by when it gives away a site whose disk fails: `SiteHealth.diskFailsSinceMs`.
@Suite struct DiskGivenUpTests {
  private static func failure(_ code: ResultCode) -> SiteFailure {
    SiteFailure(DatabaseError(resultCode: code), path: "plant-a.sqlite")
  }

  /// Each try gets its session and fails at its first commit, and between them the broker is lost: the disk fails since
  /// the first of them, although the state and its reason change all the time.
  @Test(arguments: [ResultCode.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CORRUPT])
  func fault285_aDiskFailsUntilSomethingIsCommitted(code: ResultCode) {
    var health = SiteHealth(nowMs: 0)
    var random = SeededRandom(state: 1)
    func fail(_ failure: SiteFailure, _ nowMs: Int64) {
      _ = health.trouble(failure, nowMs: nowMs, monotonicMs: nowMs, using: &random)
    }
    health.sessionBegan(nowMs: 10)
    health.caughtUp(nowMs: 20, monotonicMs: 20)
    fail(SiteFailure(kind: .held, words: "no broker"), 1000)
    #expect(health.diskFailsSinceMs == nil)
    for nowMs: Int64 in [2000, 4000, 9000] {
      health.sessionBegan(nowMs: nowMs)
      fail(Self.failure(code), nowMs)
      fail(SiteFailure(kind: .held, words: "no broker"), nowMs + 100)
      #expect(health.diskFailsSinceMs == 2000)
    }
    health.sessionBegan(nowMs: 20_000)
    #expect(health.diskFailsSinceMs == 2000, "a session alone writes nothing")
    health.caughtUp(nowMs: 20_100, monotonicMs: 20_100)
    #expect(health.diskFailsSinceMs == nil)
    fail(Self.failure(code), 30_000)
    #expect(health.diskFailsSinceMs == 30_000)
  }

  /// A lock of another program ends with that program, on this machine.
  @Test func fault285_aLockIsNoDisk() {
    var health = SiteHealth(nowMs: 0)
    var random = SeededRandom(state: 1)
    _ = health.trouble(Self.failure(.SQLITE_BUSY), nowMs: 5, monotonicMs: 5, using: &random)
    #expect(health.diskFailsSinceMs == nil)
    #expect(health.state == .held)
  }
}
