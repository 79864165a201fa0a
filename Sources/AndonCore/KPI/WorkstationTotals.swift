/// What happened at one workstation in a window.
struct WorkstationTotals {
  private var working: [Range<Int64>] = []
  private var occupied: [Range<Int64>] = []
  private(set) var laborMs: Int64 = 0
  private(set) var units: Int64 = 0
  private(set) var lastEventMs: Int64?
  private(set) var workersPresent: Int64 = 0
  private(set) var isListed = false

  mutating func add(_ segment: TimelineSegment, isCurrent: Bool) {
    guard segment.state == .working || segment.state == .idle else { return }
    isListed = true
    laborMs += segment.durationMs
    occupied.append(segment.startMs..<segment.endMs)
    if segment.state == .working { working.append(segment.startMs..<segment.endMs) }
    if isCurrent { workersPresent += 1 }
  }

  mutating func add(_ event: Event, isInWindow: Bool) {
    lastEventMs = max(lastEventMs ?? event.timestampMs, event.timestampMs)
    guard isInWindow else { return }
    isListed = true
    units += Int64(event.count)
  }

  /// Somebody works here.
  var workingSpans: [Range<Int64>] { IntervalUnion.of(working) }
  /// Somebody works or is idle here.
  var occupiedSpans: [Range<Int64>] { IntervalUnion.of(occupied) }
}
