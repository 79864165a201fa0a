/// The sums of one workstation in a window, and the spans of the current slice.
struct WorkstationAggregate: Sendable {
  let number: Int32
  var sums = WorkstationFigures(workstationID: "")
  /// What is planned here; nil without shifts.
  private var planned: PlannedTime?
  private var working: [Range<Int64>] = []
  private var occupied: [Range<Int64>] = []

  init(number: Int32) { self.number = number }

  mutating func name(_ id: String, planned: PlannedTime?) {
    sums.workstationID = id
    self.planned = planned
  }

  /// Adds a span of the slice in which a worker is here.
  mutating func add(_ span: Range<Int64>, isWorking: Bool) {
    sums.isListed = true
    sums.laborMs += span.upperBound - span.lowerBound
    occupied.append(span)
    if isWorking { working.append(span) }
  }

  /// Ends a slice: overlapping spans of several workers count once. Slices do not overlap, so their unions
  /// add up.
  mutating func endSlice() {
    guard !occupied.isEmpty else { return }
    sums.occupiedMs += IntervalUnion.durationMs(IntervalUnion.of(occupied))
    if !working.isEmpty {
      let union = IntervalUnion.of(working)
      sums.workingMs += IntervalUnion.durationMs(union)
      if let planned { for span in union { sums.workingInPlanMs += planned.durationMs(in: span) } }
    }
    occupied.removeAll(keepingCapacity: true)
    working.removeAll(keepingCapacity: true)
  }
}
