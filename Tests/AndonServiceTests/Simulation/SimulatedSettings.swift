@testable import AndonConfiguration

/// The configuration of a simulated site, and how it changes while the site runs.
struct SimulatedSettings {
  private let id: String
  private let folder: String
  private var batchMessages: Int
  private var driftWindow = 5
  private var stateTimeout = "10m"
  private var driftLimit = "0.75"
  private var cameraLimits = ""
  private(set) var isMapped = false
  private var shifts = ""

  init(_ id: String, folder: String, chance: Chance) {
    self.id = id
    self.folder = folder
    batchMessages = 1 + chance.below(30)
  }

  private static let shifts = [
    "",
    #"{id: long, start: "04:00", end: "03:59", breaks: [{start: "09:00", end: "09:01"}], days: [mon, thu]}"#,
    #"{id: early, start: "06:00", end: "14:00", days: [tue, wed, fri]}, {id: late, start: "14:00", end: "22:00"}"#,
  ]

  /// The topic of a camera of another make.
  static func mappedTopic(_ site: String, _ camera: String) -> String { "other/\(site)/\(camera)/state" }

  mutating func change(_ chance: Chance) {
    switch chance.below(6) {
    case 0: batchMessages = 1 + chance.below(30)
    case 1: driftWindow = [5, 8, 20][chance.below(3)]
    case 2: stateTimeout = ["2m", "10m", "30m"][chance.below(3)]
    case 3:
      driftLimit = ["0.65", "0.7", "0.75"][chance.below(3)]
      cameraLimits = ["", "cam-1: {drift: {limit: 0.6}}"][chance.below(2)]
    case 4: shifts = Self.shifts[chance.below(Self.shifts.count)]
    default: isMapped.toggle()
    }
  }

  func loaded() throws -> Settings {
    let mapping =
      """
      {name: other, topic: 'other/\(id)/{camera}/state', fields: {camera_id: '{camera}', worker_id: /badge, \
      workstation_id: {value: S7}, event_type: /state, confidence: /score, timestamp: /at, event_id: /id}}
      """
    return try SettingsLoader.parse(
      yaml: """
        bridge: {id: sim, data_dir: \(folder)}
        sites:
          - id: \(id)
            timezone: UTC
            shifts: [\(shifts)]
            stops: {reasons: [{id: material}, {id: setup, planned: true}]}
            limits: {batch_messages: \(batchMessages)}
            cameras: {\(cameraLimits)}
            drift: {window: \(driftWindow), limit: \(driftLimit)}
            ingest: {state_timeout: \(stateTimeout)}
            mappings: [\(isMapped ? mapping : "")]
        """, file: "sim.yaml", environment: [:])
  }
}
