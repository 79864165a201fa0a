/// What a person said about the time of a stop: a row of the journal of reasons. It belongs to that time, not to a stop:
/// late events may split, move or retract the stop.
package struct GivenReason: Sendable, Hashable {
  /// Its place in the journal; of two, the greater number is the newer.
  package var number: Int64
  package var workstationID: String
  /// The first instant of the stop as it was then, epoch milliseconds.
  package var startMs: Int64
  /// The first instant no longer in it; nil when the stop was open.
  package var endMs: Int64?
  /// Nil: what was given before is taken away.
  package var reasonID: String?
  package var comment: String?
  /// Who said it; empty when the name is deleted for its age.
  package var by: String
  /// Whether the name was proved by a login or a token.
  package var isByVerified: Bool
  /// When it was said, by the bridge's clock.
  package var atMs: Int64

  package init(
    number: Int64 = 0, workstationID: String, startMs: Int64, endMs: Int64?, reasonID: String?,
    comment: String? = nil, by: String, isByVerified: Bool = false, atMs: Int64
  ) {
    (self.number, self.workstationID) = (number, workstationID)
    (self.startMs, self.endMs) = (startMs, endMs)
    (self.reasonID, self.comment) = (reasonID, comment)
    (self.by, self.isByVerified, self.atMs) = (by, isByVerified, atMs)
  }

  /// The stop that the reason belongs to: the one that overlaps its time most, of equal ones the newer; nil when none
  /// does.
  ///
  /// A stop that was open reaches, as it is known now, at least to the instant at which the reason was given: if a stop
  /// contains the millisecond before, to its end.
  ///
  /// - Parameter spans: stops of the workstation, in order of time, disjoint, not empty. O(log spans + overlapping ones).
  package func place(among spans: [Range<Int64>]) -> Int? {
    let untilMs = endMs ?? openEnd(among: spans)
    var best: (place: Int, overlapMs: Int64)?
    var place = Self.firstPlace(in: spans) { $0.upperBound > startMs }
    while place < spans.count, spans[place].lowerBound < untilMs {
      let overlapMs = min(spans[place].upperBound, untilMs) - max(spans[place].lowerBound, startMs)
      if overlapMs > 0, overlapMs >= best?.overlapMs ?? 0 { best = (place, overlapMs) }
      place += 1
    }
    return best?.place
  }

  private func openEnd(among spans: [Range<Int64>]) -> Int64 {
    // The clock may have been set back since the stop began.
    let saidMs = max(atMs, startMs + 1)
    let place = Self.firstPlace(in: spans) { $0.upperBound >= saidMs }
    guard place < spans.count, spans[place].lowerBound < saidMs else { return saidMs }
    return spans[place].upperBound
  }

  /// The first span that satisfies a condition which all later ones satisfy, too.
  private static func firstPlace(
    in spans: [Range<Int64>], _ condition: (Range<Int64>) -> Bool
  ) -> Int {
    var (low, high) = (0, spans.count)
    while low < high {
      let middle = (low + high) / 2
      if condition(spans[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
