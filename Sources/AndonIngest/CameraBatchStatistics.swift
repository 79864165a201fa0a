import AndonCore
import AndonStore

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
  /// The events of one model version.
  struct Version: Sendable {
    let modelVersion: String
    let stream: EventStream
    /// In order of arrival.
    var samples: [DriftSample] = []
    /// The times of events without a confidence.
    var others: [Int64] = []
  }

  /// Mostly there is one.
  private(set) var versions: [Version] = []

  init(camera: String) { self.camera = camera }

  mutating func record(rejected code: RejectionCode, receivedMs: Int64) {
    lastReceivedMs = max(lastReceivedMs ?? receivedMs, receivedMs)
    signs.append(.rejected(code))
  }

  /// - Parameter isReplay: The event is replayed from the quarantine: it says nothing about the camera's
  ///   clock now.
  mutating func record(
    stored event: Event, _ names: EventNames, receivedMs: Int64, isReplay: Bool, isClockDoubted: Bool
  ) {
    stored += 1
    lastEventMs = max(lastEventMs ?? event.timestampMs, event.timestampMs)
    lastReceivedMs = max(lastReceivedMs ?? receivedMs, receivedMs)
    if !isReplay { signs.append(.stored(timestampMs: isClockDoubted ? nil : event.timestampMs)) }
    let place = place(of: event.modelVersion, names)
    if let sample = DriftSample(event) {
      versions[place].samples.append(sample)
    } else {
      versions[place].others.append(event.timestampMs)
    }
  }

  private mutating func place(of modelVersion: String, _ names: EventNames) -> Int {
    for index in versions.indices where versions[index].modelVersion == modelVersion { return index }
    versions.append(
      Version(
        modelVersion: modelVersion,
        stream: EventStream(camera: Int64(names.camera), model: Int64(names.model))))
    return versions.count - 1
  }
}
