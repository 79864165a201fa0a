/// A worker's time as a sequence of states.
public enum Timeline {
  /// The segments of `[startMs, endMs)`, complete and in order. O(n log n) in the events.
  ///
  /// A state event sets the state from its time on, `product_count` only refreshes it. A state holds for at
  /// most `timeoutMs` after the last sign of life; from there to the next one the worker is timed out. Before
  /// the first state nothing is known, nor from `pseudonymEndMs` on. Events at or after `endMs` do not count.
  public static func segments(
    of events: [Event], startMs: Int64, endMs: Int64, timeoutMs: Int64, pseudonymEndMs: Int64 = .max
  ) -> [TimelineSegment] {
    guard startMs < endMs else { return [] }
    let elements = events.filter { $0.timestampMs < endMs }.sorted(by: Event.timelinePrecedes)
    var segments: [TimelineSegment] = []
    func append(_ from: Int64, _ to: Int64, _ state: WorkerState, _ station: String, timedOut: Bool = false) {
      let (from, to) = (max(from, startMs), min(to, endMs))
      guard from < to else { return }
      if let last = segments.last, last.endMs == from, last.state == state, last.workstationID == station,
        last.isTimedOut == timedOut
      {
        segments[segments.count - 1].endMs = to
      } else {
        segments.append(
          TimelineSegment(
            startMs: from, endMs: to, state: state, workstationID: station, isTimedOut: timedOut))
      }
    }
    append(startMs, elements.first?.timestampMs ?? endMs, .unknown, "")
    var set: Event?
    for (index, element) in elements.enumerated() {
      if element.kind.isState { set = element }
      let next = index + 1 < elements.count ? elements[index + 1].timestampMs : endMs
      guard let set else {
        append(element.timestampMs, next, .unknown, "")
        continue
      }
      let held = min(next, element.timestampMs + timeoutMs, pseudonymEndMs)
      let known = max(held, min(next, pseudonymEndMs))
      append(element.timestampMs, held, set.kind.workerState, set.workstationID)
      append(held, known, .absent, "", timedOut: true)
      append(known, next, .unknown, "")
    }
    return segments
  }
}
