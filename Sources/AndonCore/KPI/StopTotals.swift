/// How many stops of a workstation have a part in a window, and how long these parts are.
///
/// Together with the working time inside planned time, `stopMs` and `microStopMs` are all planned time that has elapsed
/// in the shifts in which the workstation takes part.
public struct StopTotals: Sendable, Hashable {
  public var stops: Int64 = 0
  public var microStops: Int64 = 0
  /// Planned time in stops, inside the window, milliseconds.
  public var stopMs: Int64 = 0
  /// The same in micro-stops.
  public var microStopMs: Int64 = 0
  /// The part of `stopMs` that has no reason, or one that is not planned.
  public var unplannedStopMs: Int64 = 0

  public init() {}

  package static func += (left: inout StopTotals, right: StopTotals) {
    left.stops += right.stops
    left.microStops += right.microStops
    left.stopMs += right.stopMs
    left.microStopMs += right.microStopMs
    left.unplannedStopMs += right.unplannedStopMs
  }
}
