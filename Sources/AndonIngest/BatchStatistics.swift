import AndonCore
import AndonStore

/// The statistics of a batch, by camera.
struct BatchStatistics: Sendable {
  private(set) var all: [CameraBatchStatistics] = []
  private var places: [String: Int] = [:]
  private var last = -1

  mutating func record(
    stored event: Event, _ names: EventNames, camera: String, receivedMs: Int64, isReplay: Bool,
    isClockDoubted: Bool
  ) {
    let place = place(of: camera)
    all[place].record(
      stored: event, names, receivedMs: receivedMs, isReplay: isReplay, isClockDoubted: isClockDoubted)
  }

  mutating func record(rejected code: RejectionCode, camera: String, receivedMs: Int64) {
    let place = place(of: camera)
    all[place].record(rejected: code, receivedMs: receivedMs)
  }

  /// Whether the batch stored an event of this camera.
  func hasStored(_ camera: String) -> Bool { places[camera].map { all[$0].stored > 0 } ?? false }

  private mutating func place(of camera: String) -> Int {
    if last >= 0, all[last].camera == camera { return last }
    if let place = places[camera] {
      last = place
    } else {
      all.append(CameraBatchStatistics(camera: camera))
      last = all.count - 1
      places[camera] = last
    }
    return last
  }
}
