/// A stretch of a workstation's time in one state, half-open, never empty.
public struct StationRun: Sendable, Hashable {
  public var startMs: Int64
  public var endMs: Int64
  public var state: StationState

  public init(startMs: Int64, endMs: Int64, state: StationState) {
    (self.startMs, self.endMs, self.state) = (startMs, endMs, state)
  }

  var range: Range<Int64> { startMs..<endMs }
}
