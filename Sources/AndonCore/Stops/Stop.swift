/// A stop or micro-stop of a workstation: the planned time between two spans of work in one shift.
///
/// A break does not end it: what follows the break belongs to the same stop.
public struct Stop: Sendable, Hashable {
  public var workstationID: String
  public var shiftID: String
  /// The first planned instant without work.
  public var startMs: Int64
  /// The first instant that is no longer in it; of an open one, where the planned time so far ends.
  public var endMs: Int64
  /// It has not ended yet, and may become longer.
  public var isOpen: Bool
  /// The planned time between start and end, milliseconds, more than 0.
  public var durationMs: Int64
  public var kind: StopKind
  /// Not longer than `stops.min`. An open one becomes a stop when it exceeds it.
  public var isMicro: Bool

  public init(
    workstationID: String, shiftID: String, startMs: Int64, endMs: Int64, isOpen: Bool, durationMs: Int64,
    kind: StopKind, isMicro: Bool
  ) {
    (self.workstationID, self.shiftID) = (workstationID, shiftID)
    (self.startMs, self.endMs, self.isOpen) = (startMs, endMs, isOpen)
    (self.durationMs, self.kind, self.isMicro) = (durationMs, kind, isMicro)
  }

  /// Its identity in the site. Events that come late may take it away and bring another one.
  public var id: String { "\(workstationID):\(startMs)" }

  /// Its planned time inside a range, milliseconds. O(log spans).
  package func insideMs(_ range: Range<Int64>, of shift: StopShift) -> Int64 {
    shift.planned.durationMs(in: range.clamped(to: startMs..<endMs))
  }
}
