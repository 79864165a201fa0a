/// What happened at one workstation in a window: what its record is written from.
struct WorkstationFigures {
  var workstationID: String
  /// With at least one worker working here.
  var workingMs: Int64 = 0
  /// With at least one worker working or idle here.
  var occupiedMs: Int64 = 0
  /// Sum over workers of working and idle.
  var laborMs: Int64 = 0
  var workingInPlanMs: Int64 = 0
  var units: Int64 = 0
  /// The newest event here inside the window; where there is none, the last sign of life before it of a worker
  /// whose state reaches in here.
  var lastEventMs: Int64?
  /// Workers working or idle here at the end of the elapsed time.
  var workersPresent: Int64 = 0
  /// An event lies in the window, or somebody worked or was idle here.
  var isListed = false

  mutating func noteEvent(atMs: Int64) { lastEventMs = max(lastEventMs ?? atMs, atMs) }
}
