/// A stretch of time that signs of life cover without a break, in one state at one workstation.
public struct TimelineRun: Sendable, Hashable {
  public var startMs: Int64
  public var endMs: Int64
  /// `unknown` stands for the state that was set before the summary begins, whatever it was.
  public var state: WorkerState
  /// Index into the summary's workstations; -1 while the state is the inherited one.
  public var station: Int

  public init(startMs: Int64, endMs: Int64, state: WorkerState, station: Int) {
    self.startMs = startMs
    self.endMs = endMs
    self.state = state
    self.station = station
  }
}
