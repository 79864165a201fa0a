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

  public init() {}

  package static func += (left: inout StopTotals, right: StopTotals) {
    left.stops += right.stops
    left.microStops += right.microStops
    left.stopMs += right.stopMs
    left.microStopMs += right.microStopMs
  }

  /// Adds the part of a stop that lies inside the window; nothing when there is none.
  mutating func add(insideMs: Int64, isMicro: Bool) {
    guard insideMs > 0 else { return }
    if isMicro {
      (microStops, microStopMs) = (microStops + 1, microStopMs + insideMs)
    } else {
      (stops, stopMs) = (stops + 1, stopMs + insideMs)
    }
  }
}
