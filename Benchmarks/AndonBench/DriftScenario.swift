import AndonSimulation
import Foundation

/// What happens to a camera of the drift benchmark.
enum DriftScenario: String, CaseIterable, Sendable {
  case none
  case stepTo070 = "step to 0.70"
  case stepTo080 = "step to 0.80"
  case rampTo070 = "14-day ramp to 0.70"
  case occlusion45min = "occlusion 45 min"
  case occlusion3h = "occlusion 3 h"
  case rollOut = "roll-out of a healthy version (0.83)"
  case lateBurst = "late burst of an ended occlusion"

  /// Whether nothing should page, neither before the onset nor after it.
  var isHarmless: Bool { self == .none || self == .rollOut || self == .lateBurst }

  /// The camera's mean `sinceMs` after the onset; negative before it. `occluded` is the mean while something
  /// stands in front of the camera.
  func level(_ sinceMs: Int64, occluded: Double) -> Double {
    let (good, hour) = (ConfidenceStream.mean, Int64(3_600_000))
    guard sinceMs >= 0 else { return good }
    switch self {
    case .none: return good
    case .stepTo070: return 0.70
    case .stepTo080: return 0.80
    case .rampTo070: return good - 0.18 * min(1, Double(sinceMs) / Double(14 * 24 * hour))
    case .occlusion45min: return sinceMs < 45 * 60_000 ? occluded : good
    case .occlusion3h, .lateBurst: return sinceMs < 3 * hour ? occluded : good
    case .rollOut: return 0.83
    }
  }
}
