/// The sums of one worker in a window, in milliseconds: the input of its record.
struct WorkerFigures {
  var workerID: String
  var workingMs: Int64 = 0
  var idleMs: Int64 = 0
  /// Timed-out time included.
  var absentMs: Int64 = 0
  var timedOutMs: Int64 = 0
  var unknownMs: Int64 = 0
  var workingInPlanMs: Int64 = 0
  var units: Int64 = 0
  /// The newest event before the end of the elapsed time, also one from before the window.
  var lastEventMs: Int64?
  /// The camera of that event.
  var lastCameraID: String?
  /// Whether the worker has a record: an event lies in the window or a state reaches into it.
  var isListed = false
  /// At the end of the elapsed time; nil when no time has elapsed.
  var state: WorkerState?
  var workstationID: String?
  /// When a pseudonym ends.
  var pseudonymEndMs = Int64.max

  mutating func add(_ durationMs: Int64, as state: WorkerState) {
    switch state {
    case .working: workingMs += durationMs
    case .idle: idleMs += durationMs
    case .absent: absentMs += durationMs
    case .unknown: unknownMs += durationMs
    }
  }

  func assertInvariants(elapsedMs: Int64) {
    precondition(workingMs + idleMs + absentMs + unknownMs == elapsedMs, "every millisecond has one state")
    precondition(
      timedOutMs <= absentMs && workingInPlanMs <= workingMs, "a part is never more than its whole")
  }
}
