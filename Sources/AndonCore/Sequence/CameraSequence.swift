/// What is missing of one camera's events, by the numbers that it gives them.
///
/// A value without clock or store; at most `openLimit` ranges and `countLimit` counts for any numbers of a
/// camera. Order and repeats do not matter: while nothing is given up, `missing` is a function of the set of numbers that arrived.
/// Of numbers before the lowest and after the highest of a count nothing is known.
public struct CameraSequence: Sendable, Hashable {
  /// The newest last; each with another boot id.
  public internal(set) var counts: [SequenceCount] = []
  /// How many numbers were given up; stays at `SequenceNumber.largest`.
  public internal(set) var lost: Int64 = 0
  /// The last of them, which are not in the journal yet.
  public internal(set) var lately: LostNumbers?
  /// What opened until then was acknowledged by a person, epoch milliseconds of the bridge's clock.
  public var acknowledgedMs: Int64 = 0

  /// The open ranges of a camera; older ones are given up.
  public static let openLimit = 64
  /// A camera that restarts more often than that within its late messages loses track of the oldest count.
  public static let countLimit = 8

  public init() {}

  /// How many numbers are missing that may still arrive; at most `SequenceNumber.largest`.
  public var missing: Int64 {
    var sum: Int64 = 0
    for count in counts {
      for range in count.open { sum = min(sum + range.count, SequenceNumber.largest) }
    }
    return sum
  }

  /// The open ranges, the oldest count first.
  public var open: [MissingRange] { counts.flatMap(\.open) }

  public var isComplete: Bool { counts.allSatisfy(\.open.isEmpty) && lost == 0 }

  /// Takes in the numbers of one batch. O(n log n) in the batch, O(ranges) in what changes.
  ///
  /// - Returns: what was given up and belongs into the journal now; `lately` follows when it is complete.
  public mutating func record(_ arrivals: [SequenceArrival], nowMs: Int64) -> [LostNumbers] {
    var complete: [LostNumbers] = []
    for group in Self.groups(arrivals) { record(group, &complete, nowMs: nowMs) }
    var excess = counts.reduce(-Self.openLimit) { $0 + $1.open.count }
    for index in counts.indices where excess > 0 {
      while excess > 0, !counts[index].open.isEmpty {
        giveUp(counts[index].trim(), &complete, nowMs: nowMs)
        excess -= 1
      }
    }
    return complete
  }

  /// The arrivals of each count, in order of numbers: what is out of order only within the batch opens nothing. The
  /// count with the newest event comes last.
  private static func groups(_ arrivals: [SequenceArrival]) -> [[SequenceArrival]] {
    guard let first = arrivals.first else { return [] }
    func sorted(_ group: [SequenceArrival]) -> [SequenceArrival] {
      group.sorted { ($0.sequence.number, $0.atMs) < ($1.sequence.number, $1.atMs) }
    }
    if arrivals.allSatisfy({ $0.sequence.bootID == first.sequence.bootID }) { return [sorted(arrivals)] }
    return Dictionary(grouping: arrivals, by: \.sequence.bootID)
      .map { (bootID: $0.key, newestMs: $0.value.map(\.atMs).max() ?? 0, group: sorted($0.value)) }
      .sorted { ($0.newestMs, $0.bootID) < ($1.newestMs, $1.bootID) }.map(\.group)
  }

  /// Of one count.
  private mutating func record(
    _ group: [SequenceArrival], _ complete: inout [LostNumbers], nowMs: Int64
  ) {
    let bootID = group[0].sequence.bootID
    let index = counts.firstIndex { $0.bootID == bootID }
    var count = index.map { counts[$0] } ?? SequenceCount(group[0])
    for arrival in group { count.record(arrival.sequence.number, atMs: arrival.atMs, nowMs: nowMs) }
    if let index {
      counts[index] = count
    } else if counts.count < Self.countLimit {
      counts.append(count)
    } else {
      // Older than all that are followed: what is missing of it was given up before, or is not known.
      guard SequenceCount.isEarlier(counts[0], count) else { return }
      while !counts[0].open.isEmpty { giveUp(counts[0].trim(), &complete, nowMs: nowMs) }
      counts[0] = count
    }
    counts.sort(by: SequenceCount.isEarlier)
  }

  private mutating func giveUp(_ range: MissingRange, _ complete: inout [LostNumbers], nowMs: Int64) {
    lost = min(lost + range.count, SequenceNumber.largest)
    let numbers = LostNumbers(range, nowMs: nowMs)
    if lately?.isNear(numbers) == true {
      lately?.join(numbers)
    } else {
      if let lately { complete.append(lately) }
      lately = numbers
    }
  }
}
