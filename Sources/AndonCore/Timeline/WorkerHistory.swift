/// The accepted events of one worker that a computation needs.
public struct WorkerHistory: Sendable {
  /// Empty for units without a worker: they count for workstation and site.
  public var workerID: String
  /// In any order: all events of the range, and before it the event of the last state and the last sign of
  /// life. Earlier events do not matter.
  public var events: [Event]
  /// The camera of the newest event.
  public var lastCameraID: String?
  /// When a pseudonym ends: nothing is known of it from then on.
  public var endMs: Int64

  public init(
    workerID: String, events: [Event], lastCameraID: String? = nil, endMs: Int64 = .max
  ) {
    self.endMs = endMs
    self.workerID = workerID
    self.events = events
    self.lastCameraID = lastCameraID
  }
}
