/// The sums of one workstation in a window: the input of its record.
struct WorkstationFigures {
  var workstationID: String
  /// Time with at least one worker working here.
  var workingMs: Int64 = 0
  /// Time with at least one worker working or idle here.
  var occupiedMs: Int64 = 0
  /// Working and idle time, summed over workers.
  var laborMs: Int64 = 0
  var workingInPlanMs: Int64 = 0
  var units: Int64 = 0
  /// The newest event here inside the window; without one, the last sign of life before the window of a
  /// worker whose state reaches into it.
  var lastEventMs: Int64?
  /// Workers working or idle here at the end of the elapsed time.
  var workersPresent: Int64 = 0
  /// Whether the workstation has a record: an event lies in the window, or a worker was working or idle here.
  var isListed = false
  /// Whose events and times these are, by any number; empty when that is not counted.
  var workers: Set<Int32> = []

  mutating func recordEvent(atMs: Int64) { lastEventMs = max(lastEventMs ?? atMs, atMs) }
}
