/// The sums of one worker in a window, up to `accountedMs`.
struct WorkerAggregate: Sendable {
  let number: Int32
  /// All time from the window's start to here is in one of the sums.
  var accountedMs: Int64
  /// The last event so far; nil before the first.
  var lastMs: Int64?
  /// A state was set at some time before `accountedMs`, even if we do not know which.
  var isSet = false
  /// The current state; `unknown` while none was set or we do not know which.
  var state: WorkerState = .unknown
  /// Place of the workstation; -1 without a state.
  var station: Int32 = -1
  /// Number of the camera of the last event; 0 before the first.
  var camera: Int32 = 0
  var workingMs: Int64 = 0
  var idleMs: Int64 = 0
  var absentMs: Int64 = 0
  var timedOutMs: Int64 = 0
  var unknownMs: Int64 = 0
  var workingInPlanMs: Int64 = 0
  var units: Int64 = 0
  var isListed = false
  /// When a pseudonym ends.
  var endMs = Int64.max

  init(number: Int32, accountedMs: Int64) { (self.number, self.accountedMs) = (number, accountedMs) }

  mutating func set(_ state: WorkerState, station: Int32) {
    isSet = true
    (self.state, self.station) = (state, station)
  }

  /// Ends the events of a slice: the last one came then.
  mutating func end(atMs ms: Int64, camera: Int32) {
    (lastMs, accountedMs) = (ms, ms)
    self.camera = camera
  }

  /// Adds time with signs of life in the current state, all of it planned or none.
  mutating func add(_ durationMs: Int64, isPlanned: Bool) {
    switch isSet ? state : .unknown {
    case .working:
      workingMs += durationMs
      if isPlanned { workingInPlanMs += durationMs }
    case .idle: idleMs += durationMs
    case .absent: absentMs += durationMs
    // Without a state, or one was set at some time, but no stored event says which.
    case .unknown: unknownMs += durationMs
    }
  }

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
