/// What a camera's device shows beside its alarm.
public struct SparkplugCamera: Sendable, Hashable {
  public var cameraID: String
  public var status: CameraStatus
  public var events: Int64
  /// Event time; nil before the first one.
  public var lastEventMs: Int64?

  public init(cameraID: String, status: CameraStatus, events: Int64, lastEventMs: Int64?) {
    self.cameraID = cameraID
    self.status = status
    self.events = events
    self.lastEventMs = lastEventMs
  }
}
