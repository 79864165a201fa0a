/// The fields of an event that a mapping fills.
package enum MappingField: String, Sendable, CaseIterable {
  case cameraID = "camera_id"
  case timestamp
  case workerID = "worker_id"
  case workstationID = "workstation_id"
  case eventType = "event_type"
  case confidence, count
  case modelVersion = "model_version"
  case eventID = "event_id"
  case sequence = "seq"
  case bootID = "boot_id"

  /// Whether its values are ids.
  package var isID: Bool { self == .cameraID || self == .workerID || self == .workstationID }
}
