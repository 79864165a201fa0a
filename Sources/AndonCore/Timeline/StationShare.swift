/// The units and the newest event of one workstation in one worker's summary.
public struct StationShare: Sendable, Hashable {
  public var workstationID: String
  /// Units counted here.
  public var units: Int64
  /// The newest event here.
  public var lastMs: Int64
}
