/// The known fields of an event; all others are ignored.
package enum EventField: Int, CaseIterable {
  case timestamp, eventType, workerID, workstationID, confidence, count, modelVersion, eventID, siteID,
    cameraID, sequence, bootID

  package var name: StaticString {
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
    case .sequence: "seq"
    case .bootID: "boot_id"
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
    guard let field = candidate(key, bytes), JSONText.equals(key, field.name, bytes) else { return nil }
    return field
  }

  /// The only field that the key can name, by its length and first letter.
  private static func candidate(_ key: Range<Int>, _ bytes: Span<UInt8>) -> EventField? {
    switch key.count {
    case 3: .sequence
    case 5: .count
    case 7: bytes[key.lowerBound] == UInt8(ascii: "b") ? .bootID : .siteID
    case 8: .eventID
    case 9:
      switch bytes[key.lowerBound] {
      case UInt8(ascii: "t"): .timestamp
      case UInt8(ascii: "w"): .workerID
      default: .cameraID
      }
    case 10: bytes[key.lowerBound] == UInt8(ascii: "e") ? .eventType : .confidence
    case 13: .modelVersion
    case 14: .workstationID
    default: nil
    }
  }
}
