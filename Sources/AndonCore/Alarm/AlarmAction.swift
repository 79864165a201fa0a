/// What a person does about an alarm: a rule's first step. The raw value is stable, so that panels can translate it.
public enum AlarmAction: String, Sendable, Hashable, CaseIterable {
  case checkPicture = "check_picture"
  case checkWorkstation = "check_workstation"
  case compareModels = "compare_models"
  case checkModel = "check_model"
  case checkCamera = "check_camera"
  case checkPowerAndNetwork = "check_power_and_network"
  case checkSharedNetwork = "check_shared_network"
  case checkTimeServer = "check_time_server"
  case checkQuarantine = "check_quarantine"
  case findMissingEvents = "find_missing_events"
  case checkBridges = "check_bridges"

  public init(_ rule: AlarmRule) {
    switch rule {
    case .confidenceLow, .confidenceDrop, .confidenceSparse, .confidenceShift, .gateShare, .rateLow:
      self = .checkPicture
    case .productivity: self = .checkWorkstation
    case .versionRegression: self = .compareModels
    case .siteModel: self = .checkModel
    case .cameraSilent: self = .checkCamera
    case .cameraOffline: self = .checkPowerAndNetwork
    case .groupOffline, .groupSilent: self = .checkSharedNetwork
    case .clockSkew: self = .checkTimeServer
    case .rejectRate: self = .checkQuarantine
    case .dataGap: self = .findMissingEvents
    case .siteUnowned: self = .checkBridges
    }
  }

  /// One sentence, in English.
  public var text: String {
    switch self {
    case .checkPicture:
      "Look at the camera's picture: lens, light and position. If they are as ever, check its model."
    case .checkWorkstation: "Go to the workstation and ask what holds up the work."
    case .compareModels: "Compare the two model versions before more cameras get the new one."
    case .checkModel: "Check the model version before the lenses: many of its cameras are low at once."
    case .checkCamera: "Check that the camera runs, and that nothing covers what it looks at."
    case .checkPowerAndNetwork: "Check the camera's power and network."
    case .checkSharedNetwork: "Check what these cameras share: switch, power and network."
    case .checkTimeServer: "Check the time server (NTP) of the camera."
    case .checkQuarantine: "Look into the quarantine: it says why events of the camera are rejected."
    case .findMissingEvents:
      "Find out why events are missing (camera, network, broker), then acknowledge the alert."
    case .checkBridges:
      "See with andon fleet list which bridges run, and in their logs why none takes the site."
    }
  }
}
