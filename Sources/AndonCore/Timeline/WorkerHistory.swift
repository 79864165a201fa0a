/// The accepted events of one worker that a computation needs.
public struct WorkerHistory: Sendable {
  /// Empty for units without a worker: they count for workstation and site.
  public var workerID: String
  /// In any order: all events of the range, and before it the event of the last state and the last sign of
  /// life. Earlier events do not matter.
  public var events: [Event]
  /// The camera of the newest event.
  public var lastCameraID: String?

  public init(workerID: String, events: [Event], lastCameraID: String? = nil) {
    self.workerID = workerID
    self.events = events
    self.lastCameraID = lastCameraID
  }
}
