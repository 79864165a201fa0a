import AndonCore

/// The events of one camera in one batch, summed up: an event then costs one look-up in a table of cameras,
/// not one in each table that counts cameras.
struct CameraBatchStatistics: Sendable {
  /// What an event says about the camera's clock and its events' validity.
  enum Sign: Sendable {
    /// The timestamp is nil while the bridge's clock is in doubt: it then says nothing about the camera's
    /// clock.
    case stored(timestampMs: Int64?)
    case rejected(RejectionCode)
  }

  let camera: String
  private(set) var stored: Int64 = 0
  /// Nil before the first stored event.
  private(set) var lastEventMs: Int64?
  /// The bridge's clock when the last event arrived; nil before the first.
  private(set) var lastReceivedMs: Int64?
  /// In order of arrival.
  private(set) var signs: [Sign] = []
  /// Confidences by model version; mostly there is one version.
  private(set) var samples: [(modelVersion: String, samples: [DriftSample])] = []

  init(camera: String) { self.camera = camera }

  mutating func record(rejected code: RejectionCode, receivedMs: Int64) {
    lastReceivedMs = max(lastReceivedMs ?? receivedMs, receivedMs)
    signs.append(.rejected(code))
  }

  /// - Parameter isReplay: The event is replayed from the quarantine: it says nothing about the camera's
  ///   clock now.
  mutating func record(
    stored event: Event, receivedMs: Int64, isReplay: Bool, isClockDoubted: Bool
  ) {
    stored += 1
    lastEventMs = max(lastEventMs ?? event.timestampMs, event.timestampMs)
    lastReceivedMs = max(lastReceivedMs ?? receivedMs, receivedMs)
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
