/// The accepted events of one worker that a computation needs.
public struct WorkerHistory: Sendable {
  /// Empty for units that no worker was named with: they count for workstation and site, and are no worker.
  public var workerID: String
  /// In any order: all events of the range in question, and those of the last state and of the last sign of
  /// life before it. Whatever lies earlier cannot matter any more.
  public var events: [Event]
  /// The camera of the newest event.
  public var lastCameraID: String?

  public init(workerID: String, events: [Event], lastCameraID: String? = nil) {
    self.workerID = workerID
    self.events = events
    self.lastCameraID = lastCameraID
  }
}
