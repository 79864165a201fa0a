/// A camera's drift alarm as its device shows it.
public struct SparkplugAlarm: Sendable, Hashable {
  public var cameraID: String
  /// After ISA-18.2, e.g. `unack_active`.
  public var state: String
  public var isActive: Bool
  public var isAcked: Bool
  public var severity: Int64
  /// The rolling mean of the confidence, 0…1; nil while there are too few samples.
  public var value: Double?
  public var limit: Double?
  public var samples: Int64
  public var modelVersion: String
  /// When the alarm was raised, event time.
  public var raisedMs: Int64?
  public var isStale: Bool
  public var message: String
  public var nowMs: Int64

  public init(
    cameraID: String, state: String, isActive: Bool, isAcked: Bool, severity: Int64, value: Double?,
    limit: Double?, samples: Int64, modelVersion: String, raisedMs: Int64?, isStale: Bool, message: String,
    nowMs: Int64
  ) {
    self.cameraID = cameraID
    self.state = state
    self.isActive = isActive
    self.isAcked = isAcked
    self.severity = severity
    self.value = value
    self.limit = limit
    self.samples = samples
    self.modelVersion = modelVersion
    self.raisedMs = raisedMs
    self.isStale = isStale
    self.message = message
    self.nowMs = nowMs
  }
}
