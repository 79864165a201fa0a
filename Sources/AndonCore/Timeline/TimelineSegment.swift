/// A stretch of a worker's time in one state, half-open, never empty.
public struct TimelineSegment: Sendable, Hashable {
  public var startMs: Int64
  public var endMs: Int64
  public var state: WorkerState
  /// The workstation; empty while the state is unknown or the worker timed out.
  public var workstationID: String
  /// Counted as absent because no sign of life came within the state time-out.
  public var isTimedOut: Bool

  var durationMs: Int64 { endMs - startMs }
}
