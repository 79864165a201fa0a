/// The result of one workstation in one shift.
public struct ShiftResult: Sendable, Hashable {
  public var workstationID: String
  public var shiftID: String
  public var startMs: Int64
  public var endMs: Int64
  public var units: Int64
  /// Utilization in hundredths of a percent; nil when the workstation was never occupied.
  public var utilization: Int64?

  public init(
    workstationID: String, shiftID: String, startMs: Int64, endMs: Int64, units: Int64, utilization: Int64?
  ) {
    self.workstationID = workstationID
    self.shiftID = shiftID
    self.startMs = startMs
    self.endMs = endMs
    self.units = units
    self.utilization = utilization
  }
}
