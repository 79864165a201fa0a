/// A worker's window, added up to the millisecond.
struct WorkerTotals {
  let workerID: String
  let segments: [TimelineSegment]
  private(set) var workingMs: Int64 = 0
  private(set) var idleMs: Int64 = 0
  private(set) var absentMs: Int64 = 0
  private(set) var timedOutMs: Int64 = 0
  private(set) var unknownMs: Int64 = 0
  private(set) var workingInPlanMs: Int64 = 0
  private(set) var units: Int64 = 0
  private(set) var lastEventMs: Int64?
  /// An element lies in the window or a state reaches into it.
  private(set) var isListed = false

  init(_ history: WorkerHistory, window: Window, limitMs: Int64, timeoutMs: Int64) {
    workerID = history.workerID
    segments = Timeline.segments(
      of: history.events, startMs: window.startMs, endMs: limitMs, timeoutMs: timeoutMs)
    for segment in segments {
      switch segment.state {
      case .working: workingMs += segment.durationMs
      case .idle: idleMs += segment.durationMs
      case .absent: absentMs += segment.durationMs
      case .unknown: unknownMs += segment.durationMs
      }
      if segment.isTimedOut {
        timedOutMs += segment.durationMs
      } else if segment.state != .unknown {
        isListed = true
      }
    }
    let working = segments.filter { $0.state == .working }.map { $0.startMs..<$0.endMs }
    workingInPlanMs = IntervalUnion.overlapMs(working, window.plannedSpans(until: limitMs))
    for event in history.events where event.timestampMs < limitMs {
      lastEventMs = max(lastEventMs ?? event.timestampMs, event.timestampMs)
      guard event.timestampMs >= window.startMs else { continue }
      isListed = true
      units += Int64(event.count)
    }
    let elapsed = max(0, limitMs - window.startMs)
    assert(workingMs + idleMs + absentMs + unknownMs == elapsed, "every millisecond has one state")
    assert(timedOutMs <= absentMs, "timed out is absent")
  }
}
