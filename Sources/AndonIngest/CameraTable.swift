import AndonCore
import AndonStore

/// What a site knows of its cameras: their rows, and the model version of each one's newest sample.
struct CameraTable: Sendable {
  /// By camera id.
  private(set) var rows: [String: CameraRow]
  /// How many rows are of cameras that never sent an event.
  private var ghosts: Int
  /// By camera, with the time of the newest sample; for `site_model`.
  private var versions: [String: (version: String, timestampMs: Int64)] = [:]

  init(store: SiteStore) throws {
    rows = Dictionary(uniqueKeysWithValues: try store.cameras().map { ($0.cameraID, $0) })
    ghosts = rows.values.count(where: \.isGhost)
  }

  func knows(_ camera: String) -> Bool { rows[camera] != nil }

  /// Adds a batch's events. Returns whether the camera's row changed.
  mutating func record(_ statistics: CameraBatchStatistics) -> Bool {
    guard statistics.stored > 0 else { return false }
    if rows[statistics.camera]?.isGhost == true { ghosts -= 1 }
    var row = rows[statistics.camera] ?? Self.newRow(statistics.camera)
    row.events += statistics.stored
    row.lastEventMs = [row.lastEventMs, statistics.lastEventMs].compactMap(\.self).max()
    row.lastReceivedMs = [row.lastReceivedMs, statistics.lastReceivedMs].compactMap(\.self).max()
    rows[statistics.camera] = row
    return true
  }

  /// Returns whether the camera's status changed. Anyone can invent cameras: at most `ghostLimit` of those without an
  /// event are kept, and they take no place of the others.
  mutating func record(status: CameraStatus, of camera: String, ghostLimit: Int) -> Bool {
    if rows[camera] == nil {
      guard ghosts < ghostLimit else { return false }
      ghosts += 1
    }
    var row = rows[camera] ?? Self.newRow(camera)
    guard row.status != status else { return false }
    row.status = status
    rows[camera] = row
    return true
  }

  /// Counts messages that the camera sent with QoS 0. Returns whether they are the first for a day; nil for a camera
  /// without a row.
  mutating func record(atMostOnce count: Int64, of camera: String, nowMs: Int64) -> Bool? {
    guard var row = rows[camera] else { return nil }
    let isFirst = !row.isAtMostOnce(atMs: nowMs)
    row.qos0Received += count
    row.lastQoS0Ms = nowMs
    rows[camera] = row
    return isFirst
  }

  mutating func record(version: String, of camera: String, atMs timestampMs: Int64) {
    guard versions[camera].map({ $0.timestampMs <= timestampMs }) ?? true else { return }
    versions[camera] = (version, timestampMs)
  }

  /// Returns how to count the cameras in service that are on a model version.
  func counter(without outOfService: [String: OutOfService]) -> (String) -> Int {
    let versions = versions
    return { version in versions.count { $0.value.version == version && outOfService[$0.key] == nil } }
  }

  private static func newRow(_ id: String) -> CameraRow {
    CameraRow(cameraID: id, events: 0, lastEventMs: nil, lastReceivedMs: nil, status: .unknown)
  }
}
