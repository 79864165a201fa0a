import AndonCore
import Testing

@Suite struct CounterTotalTests {
  private func step(_ last: (Int64, Int64)?, _ next: (Int64, Int64)) -> CounterTotal.Step {
    CounterTotal.step(
      from: last.map { CounterTotal(total: $0.0, timestampMs: $0.1) },
      to: CounterTotal(total: next.0, timestampMs: next.1))
  }

  @Test func countsDifferences() {
    #expect(step(nil, (500, 1)) == .made(0))
    #expect(step((500, 1), (503, 2)) == .made(3))
    #expect(step((500, 1), (500, 2)) == .made(0))
    #expect(step((500, 1), (500, 1)) == .made(0))
    // Two readings of one millisecond.
    #expect(step((500, 1), (501, 1)) == .made(1))
    // The clock went back, the counter did not.
    #expect(step((500, 9), (502, 1)) == .made(2))
  }

  @Test func aSmallerReadingLaterBeganAgain() {
    #expect(step((500, 1), (4, 2)) == .made(4))
    #expect(step((500, 1), (0, 2)) == .made(0))
  }

  @Test func aSmallerReadingOfBeforeIsLate() {
    #expect(step((500, 5), (498, 4)) == .late)
    #expect(step((500, 5), (498, 5)) == .late)
  }

  /// However a sequence with a reset is cut and repeated from an earlier place, the sum is the same: repeats
  /// are recognized by their identity, so only new readings are applied here.
  @Test func theSumIsThatOfTheCounter() {
    let readings: [Int64] = [10, 12, 15, 15, 2, 7, 9, 1]
    var last: CounterTotal?
    var sum: Int64 = 0
    for (time, reading) in readings.enumerated() {
      let next = CounterTotal(total: reading, timestampMs: Int64(time))
      if case .made(let made) = CounterTotal.step(from: last, to: next) { sum += made }
      last = next
    }
    #expect(sum == 5 + 2 + 7 + 1)
  }
}
