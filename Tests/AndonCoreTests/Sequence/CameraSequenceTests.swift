import AndonCore
import TestSupport
import Testing

@Suite struct CameraSequenceTests {
  private func arrival(_ number: Int64, boot: String = "", atMs: Int64? = nil) -> SequenceArrival {
    SequenceArrival(SequenceNumber(number, bootID: boot), atMs: atMs ?? number * 1000)
  }

  private func sequence(_ numbers: [Int64], boot: String = "") -> CameraSequence {
    var sequence = CameraSequence()
    for number in numbers { _ = sequence.record([arrival(number, boot: boot)], nowMs: 5) }
    return sequence
  }

  private func decoded(_ bytes: [UInt8]) -> CameraSequence? { CameraSequence(encoded: bytes.span) }

  @Test func aMissingNumberIsAGapWithTheTimesAroundIt() {
    let sequence = sequence([10, 11, 14])
    #expect(sequence.missing == 2)
    #expect(sequence.open == [MissingRange(first: 12, last: 13, fromMs: 11_000, toMs: 14_000, openedMs: 5)])
  }

  @Test func aLateNumberClosesItsGapAndSplitsAnother() {
    var sequence = sequence([1, 9])
    _ = sequence.record([arrival(5)], nowMs: 6)
    #expect(sequence.open.map { [$0.first, $0.last] } == [[2, 4], [6, 8]])
    #expect(sequence.open.map(\.openedMs) == [5, 5], "it has been missing since it opened")
    for number in [2, 3, 4, 6, 7, 8] as [Int64] { _ = sequence.record([arrival(number)], nowMs: 7) }
    #expect(sequence.isComplete && sequence.missing == 0)
  }

  @Test func whatWasBeforeTheFirstNumberIsNotKnown() {
    #expect(sequence([5000]).missing == 0)
    #expect(sequence([5000, 4998]).missing == 1, "a lower one that comes later moves the beginning")
  }

  @Test func aNewBootIDBeginsANewCount() {
    var sequence = sequence([7, 8], boot: "a")
    for number in [0, 1, 3] as [Int64] {
      _ = sequence.record([arrival(number, boot: "b", atMs: 20_000 + number)], nowMs: 9)
    }
    _ = sequence.record([arrival(10, boot: "a", atMs: 10_000)], nowMs: 9)
    #expect(sequence.missing == 2)
    #expect(sequence.counts.map(\.bootID) == ["a", "b"])
  }

  /// Drops 1 %, reorders within a window, repeats 5 %: what is open and what was given up is exactly what was dropped.
  @Test(.seeded, arguments: [1, 100])
  func openAndLostEqualWhatWasDropped(batch: Int) {
    var random = TestRandom(seed: Seed.one &+ UInt64(batch))
    let total = 20_000
    var dropped: Set<Int> = []
    while dropped.count < total / 100 { dropped.insert(1 + random.below(total - 2)) }
    var sent: [(at: Int, number: Int64)] = []
    for number in 0..<total where !dropped.contains(number) {
      for _ in 0..<(random.below(20) == 0 ? 2 : 1) {
        sent.append((number + random.below(50), Int64(number)))
      }
    }
    sent.sort { $0.at < $1.at }
    var sequence = CameraSequence()
    var journalled: Int64 = 0
    for start in stride(from: 0, to: sent.count, by: batch) {
      let arrivals = sent[start..<min(start + batch, sent.count)].map { arrival($0.number) }
      journalled += sequence.record(arrivals, nowMs: Int64(start)).map(\.count).reduce(0, +)
    }
    #expect(sequence.missing + sequence.lost == Int64(dropped.count))
    #expect(sequence.open.count <= CameraSequence.openLimit && sequence.lost > 0)
    #expect(journalled + (sequence.lately?.count ?? 0) == sequence.lost)
    let open = sequence.open.flatMap { Array($0.first...$0.last) }
    #expect(Set(open.map(Int.init)).isSubset(of: dropped))
  }

  /// While nothing is given up, any order gives the same counts and times.
  @Test(.seeded) func anyOrderGivesTheSameGaps() {
    var random = TestRandom(seed: Seed.one)
    let numbers = (0..<400).map(Int64.init).filter { _ in random.below(12) > 0 }
    let boots = numbers.map { _ in ["", "b1", "b2"][random.below(3)] }
    func gaps(_ order: [Int]) -> [[Int64]] {
      var sequence = CameraSequence()
      for index in order + order.prefix(50) {
        _ = sequence.record([arrival(numbers[index], boot: boots[index])], nowMs: 1)
      }
      return sequence.counts.flatMap { count in
        count.open.map { [$0.first, $0.last, $0.fromMs, $0.toMs] }
      }
    }
    // Only ten numbers in each count: otherwise more than 64 ranges are open in between.
    let few = Array(numbers.indices.prefix(60))
    let expected = gaps(few)
    #expect(!expected.isEmpty)
    for _ in 0..<50 { #expect(gaps(few.shuffled(using: &random)) == expected) }
  }

  @Test func hostileNumbersStayBounded() {
    var sequence = CameraSequence()
    var random = TestRandom(seed: 3)
    for step in 0..<20_000 {
      let number: Int64 =
        switch random.below(4) {
        case 0: 0
        case 1: SequenceNumber.largest
        default: Int64(random.next() >> 11)
        }
      let boot = random.below(2) == 0 ? "" : "b\(step)"
      let time: Int64 = random.below(3) == 0 ? .min : random.below(2) == 0 ? .max : Int64(step)
      _ = sequence.record([arrival(number, boot: boot, atMs: time)], nowMs: Int64(step))
      #expect(sequence.counts.count <= CameraSequence.countLimit)
      #expect(sequence.open.count <= CameraSequence.openLimit)
    }
    #expect(sequence.missing <= SequenceNumber.largest && sequence.lost <= SequenceNumber.largest)
    #expect(sequence.encoded().count < 4000)
    #expect(decoded(sequence.encoded()) == sequence)
  }

  @Test func anOlderCountThanAllThatAreFollowedSaysNothing() {
    var sequence = CameraSequence()
    for boot in 0..<CameraSequence.countLimit {
      _ = sequence.record([arrival(1, boot: "b\(boot)", atMs: 1_000_000 + Int64(boot))], nowMs: 1)
    }
    let before = sequence
    _ = sequence.record([arrival(1, boot: "old", atMs: 1), arrival(9, boot: "old", atMs: 2)], nowMs: 2)
    #expect(sequence == before)
  }

  @Test func theStoredFormIsSmallAndExact() {
    var sequence = CameraSequence()
    let nowMs: Int64 = 1_795_223_800_000
    for number in 100_000..<107_000 as Range<Int64> where number % 100 != 7 {
      _ = sequence.record([arrival(number, boot: "2026-11-21", atMs: nowMs + number)], nowMs: nowMs + number)
    }
    let bytes = sequence.encoded()
    #expect(sequence.open.count == 64 && sequence.lost == 6)
    #expect(bytes.count < 900, "\(bytes.count)")
    #expect(decoded(bytes) == sequence)
    for end in bytes.indices { #expect(decoded(Array(bytes[..<end])) == nil) }
    #expect(self.sequence(Array(5...9)).encoded().count < 40)
  }
}
