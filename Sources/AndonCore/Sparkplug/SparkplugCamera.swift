/// What a camera's device shows beside its alarm.
public struct SparkplugCamera: Sendable, Hashable {
  public var cameraID: String
  /// `online`, `offline` or `unknown`: the last status that the camera or its will published.
  public var status: String
  public var events: Int64
  /// Event time; nil before the first one.
  public var lastEventMs: Int64?

  public init(cameraID: String, status: String, events: Int64, lastEventMs: Int64?) {
    self.cameraID = cameraID
    self.status = status
    self.events = events
    self.lastEventMs = lastEventMs
  }
}
