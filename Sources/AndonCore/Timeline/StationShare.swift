/// The units and the newest event of one workstation in one worker's summary.
public struct StationShare: Sendable, Hashable {
  /// The workstation's number in the file.
  public var workstation: Int32
  /// Units counted here.
  public var units: Int64
  /// The newest event here.
  public var lastMs: Int64
}
