/// The fields of an event that mean something; any other is ignored.
enum EventField: Int, CaseIterable {
  case timestamp, eventType, workerID, workstationID, confidence, count, modelVersion, eventID, siteID,
    cameraID

  var name: StaticString {
    switch self {
    case .timestamp: "timestamp"
    case .eventType: "event_type"
    case .workerID: "worker_id"
    case .workstationID: "workstation_id"
    case .confidence: "confidence"
    case .count: "count"
    case .modelVersion: "model_version"
    case .eventID: "event_id"
    case .siteID: "site_id"
    case .cameraID: "camera_id"
    }
  }

  /// The field that a key names, or nil.
  static func named(_ key: JSONValueRange, _ bytes: Span<UInt8>) -> EventField? {
    for field in allCases where JSONText.equals(key, field.name, bytes) { return field }
    return nil
  }
}
