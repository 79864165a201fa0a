import TestSupport
import Testing

@testable import AndonBridge

@Suite struct CommitLingerTests {
  /// A linger that has seen `rate` messages in the second before.
  private func linger(limitMs: Int64 = 10, rate: Int, atMs nowMs: Int64 = 60_000) -> CommitLinger {
    var linger = CommitLinger(limitMs: limitMs)
    linger.endTurn(count: rate, nowMs: nowMs)
    return linger
  }

  @Test func aLowRateNeverWaits() {
    var linger = CommitLinger(limitMs: 10)
    // 5 and 83 messages a second, in batches of one.
    for stepMs: Int64 in [200, 12] {
      for turn in 1...500 as ClosedRange<Int64> {
        let nowMs = 1_000_000 + turn * stepMs
        #expect(linger.wait(count: 1, nowMs: nowMs) == nil)
        linger.endTurn(count: 1, nowMs: nowMs)
      }
    }
  }

  @Test func aSteadyRateWaitsForTheRestOfTheLimit() {
    var linger = linger(rate: 200)
    #expect(linger.wait(count: 1, nowMs: 60_100) == 10)
    #expect(linger.wait(count: 2, nowMs: 60_104) == 6)
    #expect(linger.wait(count: 3, nowMs: 60_109) == 1)
    #expect(linger.wait(count: 4, nowMs: 60_110) == nil)
    linger.endTurn(count: 4, nowMs: 60_110)
    #expect(linger.wait(count: 1, nowMs: 60_111) == 10, "each batch has a wait of its own")
  }

  @Test func aQuietSecondEndsTheWaits() {
    var linger = linger(rate: 10_000)
    #expect(linger.wait(count: 1, nowMs: 60_999) == 10)
    #expect(linger.wait(count: 1, nowMs: 62_000) == nil)
  }

  @Test func nothingIsWaitedForWhenOffOrEmptyOrLarge() {
    var off = linger(limitMs: 0, rate: 1000)
    #expect(off.wait(count: 1, nowMs: 60_001) == nil)
    var on = linger(rate: 1000)
    #expect(on.wait(count: 0, nowMs: 60_001) == nil)
    #expect(on.wait(count: CommitLinger.sufficientMessages, nowMs: 60_001) == nil)
    #expect(on.wait(count: CommitLinger.sufficientMessages - 1, nowMs: 60_001) == 10)
  }

  @Test func aClockThatGoesBackProlongsNothing() {
    var linger = linger(rate: 1000)
    #expect(linger.wait(count: 1, nowMs: 60_100) == 10)
    #expect(linger.wait(count: 2, nowMs: 60_100 - 3_600_000).map { $0 <= 10 } ?? true)
    #expect(linger.wait(count: 3, nowMs: 60_110) == nil)
  }

  @Test func waitsInVainBecomeRarer() {
    var linger = linger(rate: 10_000)
    var gaps: [Int] = []
    var sinceWait = 0
    for turn in 0..<1000 {
      let nowMs = 60_100 + Int64(turn % 800)
      if linger.wait(count: 20, nowMs: nowMs) == nil {
        sinceWait += 1
      } else {
        gaps.append(sinceWait)
        sinceWait = 0
      }
      linger.endTurn(count: 20, nowMs: nowMs)
    }
    #expect(gaps == [0, 1, 3, 7, 15, 31, 63, 127, 255, 255])
    // A wait that brings something makes them usual again.
    while linger.wait(count: 20, nowMs: 60_950) == nil { linger.endTurn(count: 20, nowMs: 60_950) }
    linger.endTurn(count: 21, nowMs: 60_960)
    #expect(linger.wait(count: 20, nowMs: 60_961) == 10)
  }

  /// Arrivals, questions and commits at random, against the rule written down over the whole history.
  @Test(.seeded) func agreesWithTheRuleOverTheWholeHistory() {
    var random = SeededRandom(state: Seed.one)
    for _ in 0..<60 {
      let limitMs = Int64(random.next() % 4) * 5
      var linger = CommitLinger(limitMs: limitMs)
      var model = LingerModel(limitMs: limitMs)
      var nowMs = Int64(random.next() % 5000)
      var count = 0
      for _ in 0..<400 {
        nowMs += Int64(random.next() % [2, 12, 400][Int(random.next() % 3)])
        count += Int(random.next() % [2, 4, 300][Int(random.next() % 3)])
        let answer = linger.wait(count: count, nowMs: nowMs)
        #expect(answer == model.wait(count: count, nowMs: nowMs))
        #expect(answer.map { $0 >= 1 && Int64($0) <= limitMs } ?? true)
        guard answer == nil || random.next() % 3 == 0 else { continue }
        linger.endTurn(count: count, nowMs: nowMs)
        model.endTurn(count: count, nowMs: nowMs)
        count = 0
      }
    }
  }

  /// A broker that has at most `window` messages in flight and a backlog: a wait only keeps it waiting. A commit
  /// takes half a millisecond.
  @Test(arguments: [1, 2, 10, 20, 32, 100, 1000])
  func aBrokerWithASmallWindowIsDrainedAlmostAsFast(window: Int) {
    func drained(limitMs: Int64) -> Int {
      var linger = CommitLinger(limitMs: limitMs)
      var (time, messages) = (1000.0, 0)
      while time < 11_000 {
        if let wait = linger.wait(count: window, nowMs: Int64(time)) { time += Double(wait) }
        linger.endTurn(count: window, nowMs: Int64(time))
        messages += window
        time += 0.5
      }
      return messages
    }
    #expect(Double(drained(limitMs: 10)) > 0.85 * Double(drained(limitMs: 0)))
  }
}

/// The rule, computed again from everything that happened.
private struct LingerModel {
  let limitMs: Int64
  private var batches: [(count: Int, countBeforeWait: Int?, atMs: Int64)] = []
  private var wait: (atMs: Int64, count: Int)?

  init(limitMs: Int64) { self.limitMs = limitMs }

  private func rate(_ nowMs: Int64) -> Int64 {
    func messages(inSecond second: Int64) -> Int64 {
      batches.reduce(0) { $1.atMs / 1000 == second ? $0 + Int64($1.count) : $0 }
    }
    return messages(inSecond: nowMs / 1000) + messages(inSecond: nowMs / 1000 - 1)
      * (1000 - nowMs % 1000) / 1000
  }

  /// How many batches must be committed at once before the next wait.
  private var isBlocked: Bool {
    guard let last = batches.lastIndex(where: { $0.countBeforeWait != nil }) else { return false }
    let waits = batches.filter { $0.countBeforeWait != nil }
    let inVain = waits.reversed().prefix { $0.count == $0.countBeforeWait }.count
    return batches.count - 1 - last < min((1 << min(inVain, 20)) - 1, 255)
  }

  mutating func wait(count: Int, nowMs: Int64) -> Int32? {
    guard limitMs > 0, (1..<256).contains(count), !isBlocked, rate(nowMs) + Int64(count) > 100 else {
      return nil
    }
    if wait == nil { wait = (nowMs, count) }
    let left = wait!.atMs + limitMs - nowMs
    return left > 0 ? Int32(left) : nil
  }

  mutating func endTurn(count: Int, nowMs: Int64) {
    guard count > 0 else { return }
    batches.append((count, wait?.count, nowMs))
    wait = nil
  }
}
