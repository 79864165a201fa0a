/// Every rule that can raise an alert, by its name on the wire.
public enum AlertRule: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
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

  /// The class on the topic: `drift` for the rule that maintenance knows, the rule's own name for the others.
  public var alertClass: String { self == .confidenceLow ? "drift" : rawValue }

  /// Whether somebody is called; the others are advice for whoever looks.
  public var pages: Bool {
    switch self {
    case .confidenceSparse, .gateShare, .confidenceShift, .versionRegression: false
    default: true
    }
  }

  /// Whether it is about one camera, so that a camera out of service has none.
  public var isOfCamera: Bool {
    switch self {
    case .productivity, .siteModel, .dataGap: false
    default: true
    }
  }

  /// Of 1…1000, after OPC UA Part 9: 200 for advice, 600 for a camera, 800 for a whole site.
  public var severity: Int64 { !pages ? 200 : self == .siteModel ? 800 : 600 }

  /// Whether the condition can end by itself. If not, the acknowledgement ends it.
  public var returns: Bool { self != .versionRegression && self != .dataGap }

  public static func < (left: AlertRule, right: AlertRule) -> Bool { left.rawValue < right.rawValue }
}
