/// The known fields of an event; all others are ignored.
enum EventField: Int {
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
    if key.hasEscapes {
      let resolved = JSONText.bytes(key, bytes)
      return named(0..<resolved.count, resolved.span)
    }
    return named(key.range, bytes)
  }

  private static func named(_ key: Range<Int>, _ bytes: Span<UInt8>) -> EventField? {
    // The length leaves at most three names to compare with.
    switch key.count {
    case 5: match(.count, key, bytes)
    case 7: match(.siteID, key, bytes)
    case 8: match(.eventID, key, bytes)
    case 9: match(.timestamp, key, bytes) ?? match(.workerID, key, bytes) ?? match(.cameraID, key, bytes)
    case 10: match(.eventType, key, bytes) ?? match(.confidence, key, bytes)
    case 13: match(.modelVersion, key, bytes)
    case 14: match(.workstationID, key, bytes)
    default: nil
    }
  }

  private static func match(_ field: EventField, _ key: Range<Int>, _ bytes: Span<UInt8>) -> EventField? {
    JSONText.equals(key, field.name, bytes) ? field : nil
  }
}
