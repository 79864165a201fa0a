/// One shift of one date at a workstation. No stop reaches beyond it.
public struct StopShift: Sendable, Hashable {
  public let shiftID: String
  public let startMs: Int64
  public let endMs: Int64
  /// The time less the breaks, inside the shift.
  public let planned: PlannedTime

  public init(shiftID: String, startMs: Int64, endMs: Int64, planned: PlannedTime) {
    (self.shiftID, self.startMs, self.endMs) = (shiftID, startMs, endMs)
    self.planned = planned.clipped(to: startMs..<max(startMs, endMs))
  }

  /// Nil for a window that is no shift.
  public init?(_ window: Window) {
    guard window.kind == .shift, let planned = window.planned else { return nil }
    self.init(
      shiftID: window.shiftID ?? "", startMs: window.startMs, endMs: window.endMs, planned: planned)
  }

  var range: Range<Int64> { startMs..<endMs }

  /// How long before a shift an event makes a workstation take part in it.
  package static let lookBackMs = 7 * CivilTime.millisecondsPerDay

  /// In which span of time one accepted event at a workstation makes it take part in the shift, from the shift's
  /// beginning. A workstation that the configuration lists takes part without one.
  package func evidence(nowMs: Int64) -> Range<Int64> {
    let fromMs = startMs - Self.lookBackMs
    return fromMs..<max(fromMs, min(endMs, nowMs))
  }
}
