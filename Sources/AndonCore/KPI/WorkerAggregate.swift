/// How far one worker's time is accounted for in a window.
struct WorkerAggregate: Sendable {
  /// All time from the window's start up to here is in one of the sums.
  var accountedMs: Int64
  /// The last event so far; nil before the first.
  var lastMs: Int64?
  /// A state was set at some time before `accountedMs`, known to us or not.
  var isSet = false
  /// The state in force, `unknown` while none was set or what was set is not known to us.
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

  /// Time without a sign of life for too long, or before anything was known.
  mutating func addGap(_ durationMs: Int64) {
    if isSet {
      absentMs += durationMs
      timedOutMs += durationMs
    } else {
      unknownMs += durationMs
    }
  }
}
