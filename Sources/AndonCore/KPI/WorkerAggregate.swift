/// The sums of one worker in a window, up to `accountedMs`.
struct WorkerAggregate: Sendable {
  /// All time from the window's start to here is in one of the sums.
  var accountedMs: Int64
  /// The last event so far; nil before the first.
  var lastMs: Int64?
  /// A state was set at some time before `accountedMs`, even if we do not know which.
  var isSet = false
  /// The current state; `unknown` while none was set or we do not know which.
  var state: WorkerState = .unknown
  /// Number of the workstation; -1 without a state.
  var station: Int32 = -1
  /// Number of the camera of the last event.
  var camera: Int32 = -1
  var workingMs: Int64 = 0
  var idleMs: Int64 = 0
  var absentMs: Int64 = 0
  var timedOutMs: Int64 = 0
  var unknownMs: Int64 = 0
  var workingInPlanMs: Int64 = 0
  var units: Int64 = 0
  var isListed = false

  /// Adds time without a sign of life: timed out, or unknown before the first state.
  mutating func addGap(_ durationMs: Int64) {
    if isSet {
      absentMs += durationMs
      timedOutMs += durationMs
    } else {
      unknownMs += durationMs
    }
  }
}
