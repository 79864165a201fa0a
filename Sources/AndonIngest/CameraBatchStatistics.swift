import AndonCore

/// What one batch says of one camera, added up before the parts of the engine get it: an event costs one look
/// into a table of cameras, not one for each part.
struct CameraBatchStatistics: Sendable {
  /// What an event tells of its camera's clock and care.
  enum Sign: Sendable {
    /// Without a time where the bridge's clock is in doubt: of the camera's it says nothing then.
    case stored(timestampMs: Int64?)
    case rejected(RejectionCode)
  }

  let camera: String
  private(set) var stored: Int64 = 0
  private(set) var lastEventMs = Int64.min
  /// When the last of it came, by the bridge's clock.
  private(set) var lastReceivedMs = Int64.min
  /// In order of arrival.
  private(set) var signs: [Sign] = []
  /// Confidences by model version, nearly always one version.
  private(set) var samples: [(modelVersion: String, samples: [DriftSample])] = []

  init(camera: String) { self.camera = camera }

  mutating func record(rejected code: RejectionCode, receivedMs: Int64) {
    lastReceivedMs = max(lastReceivedMs, receivedMs)
    signs.append(.rejected(code))
  }

  /// - Parameter isReplay: A person replays an old event: of the camera's clock and care it tells nothing.
  mutating func record(
    stored event: Event, receivedMs: Int64, isReplay: Bool, isClockDoubted: Bool
  ) {
    stored += 1
    lastEventMs = max(lastEventMs, event.timestampMs)
    lastReceivedMs = max(lastReceivedMs, receivedMs)
    if !isReplay { signs.append(.stored(timestampMs: isClockDoubted ? nil : event.timestampMs)) }
    guard let confidence = event.confidencePpm else { return }
    let sample = DriftSample(
      timestampMs: event.timestampMs, eventID: event.eventID, workerID: event.workerID,
      confidencePpm: confidence)
    for index in samples.indices where samples[index].modelVersion == event.modelVersion {
      samples[index].samples.append(sample)
      return
    }
    samples.append((event.modelVersion, [sample]))
  }
}
