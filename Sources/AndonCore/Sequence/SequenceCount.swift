/// One count of a camera: from its lowest to its highest number that arrived, and what is missing between them. It is a
/// function of the set of numbers, not of their order.
public struct SequenceCount: Sendable, Hashable {
  public let bootID: String
  public private(set) var lowest: Int64
  public private(set) var lowestMs: Int64
  public private(set) var highest: Int64
  public private(set) var highestMs: Int64
  /// Numbers below `lowest` were given up: such a number says nothing any more.
  public private(set) var isTrimmed: Bool
  /// Ascending, each between two numbers that arrived.
  public private(set) var open: [MissingRange]

  init(_ arrival: SequenceArrival) {
    bootID = arrival.sequence.bootID
    (lowest, lowestMs) = (arrival.sequence.number, arrival.atMs)
    (highest, highestMs) = (lowest, lowestMs)
    isTrimmed = false
    open = []
  }

  /// A stored count; nil when its parts contradict each other.
  init?(
    bootID: String, lowest: Int64, lowestMs: Int64, highest: Int64, highestMs: Int64, isTrimmed: Bool,
    open: [MissingRange]
  ) {
    self.bootID = bootID
    (self.lowest, self.lowestMs) = (lowest, lowestMs)
    (self.highest, self.highestMs) = (highest, highestMs)
    self.isTrimmed = isTrimmed
    self.open = open
    guard 0 <= lowest, lowest <= highest, highest <= SequenceNumber.largest else { return nil }
    var arrived = lowest
    for range in open {
      guard arrived < range.first, range.first <= range.last, range.last < highest else { return nil }
      arrived = range.last + 1
    }
  }

  /// A repeat changes nothing. O(log ranges), and O(ranges) for one that opens, closes or splits a range.
  mutating func record(_ number: Int64, atMs: Int64, nowMs: Int64) {
    if number > highest {
      if number > highest + 1 {
        open.append(
          MissingRange(
            first: highest + 1, last: number - 1, fromMs: highestMs, toMs: atMs, openedMs: nowMs))
      }
      (highest, highestMs) = (number, atMs)
    } else if number < lowest {
      guard !isTrimmed else { return }
      if number < lowest - 1 {
        open.insert(
          MissingRange(first: number + 1, last: lowest - 1, fromMs: atMs, toMs: lowestMs, openedMs: nowMs),
          at: 0)
      }
      (lowest, lowestMs) = (number, atMs)
    } else {
      close(number, atMs: atMs)
    }
  }

  /// A missing number arrived late.
  private mutating func close(_ number: Int64, atMs: Int64) {
    let index = place(of: number)
    guard index < open.count, open[index].first <= number else { return }
    var (before, after) = (open[index], open[index])
    (before.last, before.toMs) = (number - 1, atMs)
    (after.first, after.fromMs) = (number + 1, atMs)
    open.replaceSubrange(index...index, with: [before, after].filter { $0.first <= $0.last })
  }

  /// The first range that ends at the number or behind it.
  private func place(of number: Int64) -> Int {
    var (low, high) = (0, open.count)
    while low < high {
      let middle = (low + high) / 2
      if open[middle].last < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Gives up the lowest range.
  mutating func trim() -> MissingRange {
    let range = open.removeFirst()
    (lowest, lowestMs, isTrimmed) = (range.last + 1, range.toMs, true)
    return range
  }

  /// Of two counts the one that was heard of earlier comes first.
  static func isEarlier(_ left: SequenceCount, _ right: SequenceCount) -> Bool {
    (left.highestMs, left.bootID) < (right.highestMs, right.bootID)
  }
}
