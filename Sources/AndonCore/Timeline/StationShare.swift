/// What one run of a worker's events says of one workstation.
public struct StationShare: Sendable, Hashable {
  public var workstationID: String
  /// Units counted here.
  public var units: Int64
  /// The newest event here.
  public var lastMs: Int64
}
