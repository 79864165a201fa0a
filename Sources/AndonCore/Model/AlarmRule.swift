/// Every rule that can raise an alarm, with its name on the wire.
public enum AlarmRule: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
  case confidenceLow = "confidence_low"
  case confidenceDrop = "confidence_drop"
  case confidenceSparse = "confidence_sparse"
  case gateShare = "gate_share"
  case confidenceShift = "confidence_shift"
  case productivity
  case versionRegression = "version_regression"
  case siteModel = "site_model"
  case cameraSilent = "camera_silent"
  case cameraOffline = "camera_offline"
  case clockSkew = "clock_skew"
  case rejectRate = "reject_rate"
  case dataGap = "data_gap"
  case groupOffline = "group_offline"
  case groupSilent = "group_silent"
  case rateLow = "rate_low"
  /// Raised by the bridges of a fleet, and kept in no site's file: no bridge has the file.
  case siteUnowned = "site_unowned"

  /// The class in the topic: `drift` for `confidence_low`, the rule's own name for the others.
  public var alertClass: String { self == .confidenceLow ? "drift" : rawValue }

  /// Whether the rule pages; the others are advisory.
  public var pages: Bool {
    switch self {
    case .confidenceSparse, .gateShare, .confidenceShift, .versionRegression, .rateLow: false
    default: true
    }
  }

  /// Whether the rule is about one camera; a camera out of service raises none of them.
  public var isOfCamera: Bool {
    switch self {
    case .productivity, .siteModel, .dataGap, .groupOffline, .groupSilent, .siteUnowned: false
    default: true
    }
  }

  /// 1…1000, after OPC UA Part 9: 200 for advisory rules, 600 for a camera, 800 for many.
  public var severity: Int64 {
    switch self {
    case .siteModel, .groupOffline, .groupSilent, .siteUnowned: 800
    default: pages ? 600 : 200
    }
  }

  /// Whether the condition can end by itself. If it cannot, the acknowledgement ends it.
  public var returns: Bool { self != .versionRegression && self != .dataGap }

  public static func < (left: AlarmRule, right: AlarmRule) -> Bool { left.rawValue < right.rawValue }
}
