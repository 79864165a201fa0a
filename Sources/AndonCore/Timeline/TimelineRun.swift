/// A stretch of time without a gap between signs of life, in one state at one workstation.
public struct TimelineRun: Sendable, Hashable {
  public var startMs: Int64
  public var endMs: Int64
  /// `unknown` stands for the state that was set before the summary begins.
  public var state: WorkerState
  /// Index into the summary's workstations; -1 for the inherited state.
  public var station: Int

  public init(startMs: Int64, endMs: Int64, state: WorkerState, station: Int) {
    self.startMs = startMs
    self.endMs = endMs
    self.state = state
    self.station = station
  }
}
