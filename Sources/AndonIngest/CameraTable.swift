import AndonCore
import AndonStore

/// What a site knows of its cameras: their rows, and the model version of each one's newest sample.
struct CameraTable: Sendable {
  /// By camera id.
  private var byID: TransactionalDictionary<String, CameraRow>
  /// How many rows are of cameras that never sent an event.
  private var ghosts: Int
  /// By camera, with the time of the newest sample; for `site_model`.
  private var versions = TransactionalDictionary<String, NewestVersion>()

  private struct NewestVersion: Sendable {
    let version: String
    let timestampMs: Int64
  }

  init(store: SiteStore) throws {
    let rows = Dictionary(uniqueKeysWithValues: try store.cameras().map { ($0.cameraID, $0) })
    byID = TransactionalDictionary(rows)
    ghosts = rows.values.count(where: \.isGhost)
  }

  /// By camera id. O(n).
  var rows: [String: CameraRow] { byID.all }

  func row(_ camera: String) -> CameraRow? { byID[camera] }

  func knows(_ camera: String) -> Bool { byID[camera] != nil }

  /// Call after COMMIT, on the copy that becomes the table.
  mutating func settle() {
    byID.settle()
    versions.settle()
  }

  /// Adds a batch's events. Returns whether the camera's row changed.
  mutating func record(_ statistics: CameraBatchStatistics) -> Bool {
    guard statistics.stored > 0 else { return false }
    let known = byID[statistics.camera]
    if known?.isGhost == true { ghosts -= 1 }
    var row = known ?? Self.newRow(statistics.camera)
    row.events += statistics.stored
    row.lastEventMs = Self.later(row.lastEventMs, statistics.lastEventMs)
    row.lastReceivedMs = Self.later(row.lastReceivedMs, statistics.lastReceivedMs)
    byID.set(statistics.camera, row)
    return true
  }

  /// Returns whether the camera's status changed. Anyone can invent cameras: at most `ghostLimit` of those without an
  /// event are kept, and they take no place of the others.
  mutating func record(status: CameraStatus, of camera: String, ghostLimit: Int) -> Bool {
    let known = byID[camera]
    if known == nil {
      guard ghosts < ghostLimit else { return false }
      ghosts += 1
    }
    var row = known ?? Self.newRow(camera)
    guard row.status != status else { return false }
    row.status = status
    byID.set(camera, row)
    return true
  }

  /// Counts messages that the camera sent with QoS 0. Returns whether they are the first for a day; nil for a camera
  /// without a row.
  mutating func record(atMostOnce count: Int64, of camera: String, nowMs: Int64) -> Bool? {
    guard var row = byID[camera] else { return nil }
    let isFirst = !row.isAtMostOnce(atMs: nowMs)
    row.qos0Received += count
    row.lastQoS0Ms = nowMs
    byID.set(camera, row)
    return isFirst
  }

  /// Takes in numbers of the camera's count. Returns losses for the journal; nil when nothing changed, or for a camera
  /// without an event: anyone can invent those.
  mutating func record(_ arrivals: [SequenceArrival], of camera: String, nowMs: Int64) -> [LostNumbers]? {
    guard var row = byID[camera], !row.isGhost else { return nil }
    let before = row.sequence
    var sequence = before ?? CameraSequence()
    let complete = sequence.record(arrivals, nowMs: nowMs)
    guard sequence != before else { return nil }
    row.sequence = sequence
    byID.set(camera, row)
    return complete
  }

  /// Returns whether that changed the row.
  mutating func acknowledgeGaps(of camera: String, untilMs: Int64) -> Bool {
    guard var row = byID[camera], let known = row.sequence?.acknowledgedMs, known < untilMs else {
      return false
    }
    row.sequence?.acknowledgedMs = untilMs
    byID.set(camera, row)
    return true
  }

  mutating func record(version: String, of camera: String, atMs timestampMs: Int64) {
    guard versions[camera].map({ $0.timestampMs <= timestampMs }) ?? true else { return }
    versions.set(camera, NewestVersion(version: version, timestampMs: timestampMs))
  }

  /// Returns how to count the cameras in service that are on a model version.
  func counter(without outOfService: [String: OutOfService]) -> (String) -> Int {
    let versions = versions
    return { version in versions.all.count { $0.value.version == version && outOfService[$0.key] == nil } }
  }

  private static func later(_ one: Int64?, _ other: Int64?) -> Int64? {
    guard let one, let other else { return one ?? other }
    return max(one, other)
  }

  private static func newRow(_ id: String) -> CameraRow {
    CameraRow(cameraID: id, events: 0, lastEventMs: nil, lastReceivedMs: nil, status: .unknown)
  }
}
